import { z } from 'zod';

const seconds = z.coerce.number().positive();
const milliseconds = z.coerce.number().int().positive();

const key = z
  .base64()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64');

const issuer = z.strictObject({
  kind: z.enum(['tenant', 'operator']),
  /** With `{tid}` where the caller's directory tenant stands. */
  issuer: z.url(),
  jwksUri: z.url(),
  audience: z.string().min(1),
});
export type TrustedIssuer = z.infer<typeof issuer>;

const issuers = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.array(issuer).min(1));

const environment = z.object({
  NODE_ENV: z.string().default('development'),
  GROUNDCREW_DATABASE_API_URL: z.url(),
  GROUNDCREW_DATABASE_OPERATOR_URL: z.url(),
  /** A plan reads from the built-in neighbours, as their own role, what it would take away. */
  GROUNDCREW_DATABASE_NEIGHBOURS_URL: z.url(),
  /** Devices that one activity of a deregistration handles. */
  GROUNDCREW_DEREGISTRATION_CHUNK: z.coerce.number().int().min(1).max(5_000).default(1_000),
  /** How often management takes a sync: for the estimate of a plan. */
  GROUNDCREW_SYNC_INTERVAL_MS: z.coerce.number().int().nonnegative().default(600_000),
  GROUNDCREW_DATABASE_POOL: z.coerce.number().int().min(1).max(500).default(10),
  GROUNDCREW_DATABASE_CONNECT_TIMEOUT_MS: milliseconds.default(3_000),
  GROUNDCREW_DATABASE_STATEMENT_TIMEOUT_MS: milliseconds.default(15_000),
  GROUNDCREW_TEMPORAL_UI_URL: z.union([z.literal(''), z.url()]).default(''),
  GROUNDCREW_TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  GROUNDCREW_API_HOST: z.string().min(1).default('127.0.0.1'),
  GROUNDCREW_API_PORT: z.coerce.number().int().min(0).max(65_535).default(7400),
  GROUNDCREW_PUBLIC_URL: z.url(),
  GROUNDCREW_ISSUERS: issuers,
  GROUNDCREW_SEALING_KEY: key,
  /** Under which evidence keys and claims are made: the worker's. */
  GROUNDCREW_IDENTITY_KEY: key,
  /** How long a command may be silent before another may take its key over. It is renewed while a body arrives. */
  GROUNDCREW_INTAKE_LEASE_SECONDS: seconds.default(30),
  /** How long a body may stand still before the upload counts as broken. */
  GROUNDCREW_UPLOAD_STALL_SECONDS: seconds.default(60),
  /** How long an upload in parts is kept after its last part. */
  GROUNDCREW_UPLOAD_EXPIRY_SECONDS: seconds.default(86_400),
  GROUNDCREW_EVENTS_POLL_MS: milliseconds.default(1_000),
  GROUNDCREW_EVENTS_HEARTBEAT_MS: milliseconds.default(15_000),
  GROUNDCREW_EVENTS_STREAMS: z.coerce.number().int().positive().default(1_000),
  GROUNDCREW_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

export interface Configuration {
  production: boolean;
  database: {
    apiUrl: string;
    operatorUrl: string;
    neighboursUrl: string;
    poolSize: number;
    connectTimeoutMilliseconds: number;
    statementTimeoutMilliseconds: number;
  };
  temporalUi: { url: string; namespace: string } | null;
  host: string;
  port: number;
  /** Without a slash at its end. */
  publicUrl: string;
  issuers: TrustedIssuer[];
  sealingKey: Buffer;
  identityKey: Buffer;
  deregistrationChunk: number;
  syncIntervalSeconds: number;
  leaseSeconds: number;
  stallSeconds: number;
  uploadExpirySeconds: number;
  events: { pollMilliseconds: number; heartbeatMilliseconds: number; streams: number };
  logLevel: string;
}

/** Keys whose id begins so sign for anybody who can read this repository. */
export const developmentKeyPrefix = 'groundcrew-dev-';

/**
 * The only place of this application that reads the environment.
 *
 * @throws Error that names every fault at once
 */
export function readConfiguration(source: NodeJS.ProcessEnv): Configuration {
  const read = environment.safeParse(source);
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The configuration is not usable:\n${faults.join('\n')}`);
  }
  const value = read.data;
  const production = value.NODE_ENV === 'production';
  const unsafe = production ? value.GROUNDCREW_ISSUERS.filter(isForDevelopment) : [];
  if (unsafe.length > 0) {
    const names = unsafe.map((entry) => `  GROUNDCREW_ISSUERS: ${entry.issuer}`);
    throw new Error(`In production issuers speak https and live on another host:\n${names.join('\n')}`);
  }
  return {
    production,
    database: {
      apiUrl: value.GROUNDCREW_DATABASE_API_URL,
      operatorUrl: value.GROUNDCREW_DATABASE_OPERATOR_URL,
      neighboursUrl: value.GROUNDCREW_DATABASE_NEIGHBOURS_URL,
      poolSize: value.GROUNDCREW_DATABASE_POOL,
      connectTimeoutMilliseconds: value.GROUNDCREW_DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMilliseconds: value.GROUNDCREW_DATABASE_STATEMENT_TIMEOUT_MS,
    },
    temporalUi:
      value.GROUNDCREW_TEMPORAL_UI_URL === ''
        ? null
        : {
            url: value.GROUNDCREW_TEMPORAL_UI_URL.replace(/\/+$/, ''),
            namespace: value.GROUNDCREW_TEMPORAL_NAMESPACE,
          },
    host: value.GROUNDCREW_API_HOST,
    port: value.GROUNDCREW_API_PORT,
    publicUrl: value.GROUNDCREW_PUBLIC_URL.replace(/\/+$/, ''),
    issuers: value.GROUNDCREW_ISSUERS,
    sealingKey: value.GROUNDCREW_SEALING_KEY,
    identityKey: value.GROUNDCREW_IDENTITY_KEY,
    deregistrationChunk: value.GROUNDCREW_DEREGISTRATION_CHUNK,
    syncIntervalSeconds: value.GROUNDCREW_SYNC_INTERVAL_MS / 1000,
    leaseSeconds: value.GROUNDCREW_INTAKE_LEASE_SECONDS,
    stallSeconds: value.GROUNDCREW_UPLOAD_STALL_SECONDS,
    uploadExpirySeconds: value.GROUNDCREW_UPLOAD_EXPIRY_SECONDS,
    events: {
      pollMilliseconds: value.GROUNDCREW_EVENTS_POLL_MS,
      heartbeatMilliseconds: value.GROUNDCREW_EVENTS_HEARTBEAT_MS,
      streams: value.GROUNDCREW_EVENTS_STREAMS,
    },
    logLevel: value.GROUNDCREW_LOG_LEVEL,
  };
}

function isForDevelopment(entry: TrustedIssuer): boolean {
  return [entry.issuer, entry.jwksUri].some((text) => {
    const url = new URL(text.replace('{tid}', 'tid'));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return url.protocol !== 'https:' || host === 'localhost' || host === '::1' || /^127\./.test(host);
  });
}
