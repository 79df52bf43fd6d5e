import { randomBytes, randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../apps/api/src/application.js';
import { readConfiguration } from '../../apps/api/src/configuration.js';
import { createLogger } from '../../apps/api/src/platform/logging.js';
import { cloneDatabase, type ClonedDatabase } from './database.js';
import { startIssuer, type TestIssuer } from './issuer.js';
import { openRegistry, type Registry } from './registry.js';

/** The API in this process, on a database and an issuer of its own. */
export interface TestApi {
  application: NestFastifyApplication;
  database: ClonedDatabase;
  issuer: TestIssuer;
  registry: Registry;
  /** Where it listens, once somebody asked. */
  listen(): Promise<string>;
  /** Another API on the same database, as a second replica would be. */
  another(environment?: Record<string, string>): Promise<NestFastifyApplication>;
  call(method: string, url: string, options?: CallOptions): Promise<CallResult>;
  close(): Promise<void>;
}

export interface CallOptions {
  token?: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a text or bytes as they are. */
  body?: unknown;
  /** An Idempotency-Key; made up for everything but GET unless null. */
  key?: string | null;
}

export interface CallResult {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  body: any;
  text: string;
}

/** Calls on what belongs to a tenant, by one who holds the token; a change names the version that its caller has seen. */
export function callsOn(api: TestApi, tenantId: string, token: string) {
  return (method: string, path: string, body?: unknown, etag?: string): Promise<CallResult> =>
    api.call(method, `/v1/tenants/${tenantId}${path}`, {
      token,
      ...(body !== undefined && { body }),
      ...(etag !== undefined && { headers: { 'if-match': etag } }),
    });
}

export async function startApi(environment: Record<string, string> = {}): Promise<TestApi> {
  const database = await cloneDatabase();
  const issuer = await startIssuer();
  const settings = {
    GROUNDCREW_DATABASE_API_URL: database.urls.api,
    GROUNDCREW_DATABASE_OPERATOR_URL: database.urls.operator,
    GROUNDCREW_DATABASE_NEIGHBOURS_URL: database.urls.neighbours,
    GROUNDCREW_API_PORT: '0',
    GROUNDCREW_PUBLIC_URL: 'http://groundcrew.test',
    GROUNDCREW_TEMPORAL_UI_URL: 'http://temporal.test',
    GROUNDCREW_ISSUERS: JSON.stringify(issuer.trusted),
    GROUNDCREW_SEALING_KEY: randomBytes(32).toString('base64'),
    GROUNDCREW_IDENTITY_KEY: randomBytes(32).toString('base64'),
    GROUNDCREW_LOG_LEVEL: 'silent',
    GROUNDCREW_EVENTS_POLL_MS: '100',
    ...environment,
  };
  const others: NestFastifyApplication[] = [];
  const another = async (more: Record<string, string> = {}): Promise<NestFastifyApplication> => {
    const application = await createApplication(readConfiguration({ ...settings, ...more }), createLogger('silent'));
    others.push(application);
    return application;
  };
  const application = await another();
  const registry = openRegistry(database.adminUrl);
  let address: string | null = null;
  return {
    application,
    database,
    issuer,
    registry,
    another,
    listen: async () => {
      if (address === null) {
        await application.listen(0, '127.0.0.1');
        address = (await application.getUrl()).replace('[::1]', '127.0.0.1');
      }
      return address;
    },
    call: (method, url, options = {}) => inject(application, method, url, options),
    close: async () => {
      await Promise.all(others.map((other) => other.close()));
      await registry.close();
      await issuer.close();
      await database.drop();
    },
  };
}

/** Calls an API without a socket. */
export async function inject(
  application: NestFastifyApplication,
  method: string,
  url: string,
  options: CallOptions = {},
): Promise<CallResult> {
  const key = options.key === undefined && method !== 'GET' ? randomUUID() : options.key;
  const isText = typeof options.body === 'string' || Buffer.isBuffer(options.body);
  const response = await application.inject({
    method: method as 'GET',
    url,
    headers: {
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...(typeof key === 'string' && { 'idempotency-key': key }),
      ...(options.body !== undefined && !isText && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body !== undefined && { payload: isText ? (options.body as string) : JSON.stringify(options.body) }),
  });
  const isJson = /json/.test(String(response.headers['content-type'] ?? ''));
  return {
    status: response.statusCode,
    headers: response.headers,
    body: isJson && response.body !== '' ? JSON.parse(response.body) : response.body,
    text: response.body,
  };
}

/** A tenant and a partner with consent between them, and tokens for both. */
export async function aCustomer(api: TestApi): Promise<{
  tenantId: string;
  partnerId: string;
  directoryTenantId: string;
  owner: string;
  pipeline: string;
}> {
  const tenantId = await api.registry.aTenant();
  const partnerId = await api.registry.aPartner();
  await api.registry.aConsent(tenantId, partnerId);
  const { rows } = await api.registry.admin.query<{ directory_tenant_id: string }>(
    'select directory_tenant_id from registry.partner where id = $1',
    [partnerId],
  );
  const directoryTenantId = rows[0]!.directory_tenant_id;
  return {
    tenantId,
    partnerId,
    directoryTenantId,
    owner: await api.issuer.tokenOf('Tenant.Owner', tenantId),
    pipeline: await api.issuer.tokenOf('Oem.Pipeline', directoryTenantId),
  };
}
