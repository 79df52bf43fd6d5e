import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { prepareDatabase } from '@groundcrew/persistence/prepare-database';
import type { DatabaseRole } from '@groundcrew/persistence/without-orm';

import { trustedIssuers } from './issuer/metadata.js';
import { developmentKey } from './issuer/keys.js';
import { tokenMint, type MintToken } from './issuer/tokens.js';
import { memoryEnvironment, memoryFlags } from './memory.js';
import { freePort, givePortBack } from './ports.js';
import { removeOutsideData, removeOutsideFolder } from './postgres/location.js';
import { startEmbedded, startPostgres, type Postgres } from './postgres/postgres.js';
import { Ledger } from './processes/ledger.js';
import { answersAt, saysReady, SupervisedProcess, type ProcessPlan } from './processes/supervised-process.js';
import { silence, type Progress } from './progress.js';
import { secretsOf } from './secrets.js';
import { startDevServer, startTemporal, type Temporal } from './temporal/server.js';
import { childEnvironment, defaultFolder, nodeBinary, workspaceRoot } from './workspace.js';

/** In the order in which they are started; they are stopped in the reverse of it. */
export const appNames = ['neighbours', 'worker', 'relay', 'api'] as const;
export type AppName = (typeof appNames)[number];

export interface StackOptions {
  /** Data, secrets, logs and the ledger of processes. */
  folder: string;
  /** Which of the applications to start; all of them unless said otherwise. */
  processes?: readonly AppName[];
  extraEnv?: Record<string, string>;
  /** Start again what dies. */
  supervise: boolean;
  /** `usual` tries 7400, 7401, 7432, 7233 and 8233 first. */
  ports?: 'usual' | 'free';
  /** Servers of their own whatever DATABASE_URL and TEMPORAL_ADDRESS say, or those that somebody else has started. */
  servers?: 'own' | SharedServers;
  database?: string;
  /** Drop the database first. */
  reset?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
}

export interface SharedServers {
  adminUrl: string;
  /** Roles belong to the whole server: all who share it know them by the same passwords. */
  passwords: Record<DatabaseRole, string>;
  temporalAddress: string;
}

export type DatabaseUrls = Record<DatabaseRole, string>;

export interface Stack {
  folder: string;
  apiUrl: string;
  issuerUrl: string;
  adminUrl: string;
  databaseUrls: DatabaseUrls;
  /** Absent when the servers are shared. */
  postgres: Postgres | undefined;
  temporal: Temporal | undefined;
  temporalAddress: string;
  temporalUiUrl: string | undefined;
  temporalNamespace: string;
  issuer: SupervisedProcess;
  /** One handle for each application that was started: pid, kill(signal), stop(), start(), restart(), waitReady(). */
  apps: Record<AppName, SupervisedProcess>;
  mintToken: MintToken;
  /** Everything in order; no process is left. */
  stop(): Promise<void>;
}

const usualPorts = { api: 7400, issuer: 7401, postgres: 7432, temporal: 7233, temporalUi: 8233 };

/** Brings up everything on one machine, each part ready before the next one needs it. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const progress = options.progress ?? silence;
  const stops: (() => Promise<void>)[] = [];
  let stopped = Promise.resolve();
  // One after another: what came up while a first stop was at work is stopped by the second.
  const stop = (): Promise<void> => {
    stopped = stopped.then(async () => {
      for (const step of stops.splice(0).toReversed()) await step();
    });
    return stopped;
  };
  // Whatever is still waited for ends with what it waits for.
  const abandon = (): void => void stop();
  options.signal?.addEventListener('abort', abandon, { once: true });
  try {
    return { ...(await bringUp(options, progress, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abandon);
  }
}

/** Forgets everything: what the folder holds, and what lies elsewhere on its behalf. Refuses while somebody works in it. */
export async function resetFolder(folder: string): Promise<void> {
  const ledger = await Ledger.open(folder);
  removeOutsideData(folder);
  if (folder === defaultFolder) removeOutsideFolder();
  rmSync(folder, { recursive: true, force: true });
  ledger.closeIfIdle();
}

async function bringUp(
  options: StackOptions,
  progress: Progress,
  stops: (() => Promise<void>)[],
): Promise<Omit<Stack, 'stop'>> {
  const { folder, supervise } = options;
  const report = (line: string): void => progress.line(line);
  const preferred = (name: keyof typeof usualPorts): number | undefined =>
    options.ports === 'usual' ? usualPorts[name] : undefined;
  const portFor = async (name: 'api' | 'issuer'): Promise<number> => {
    const port = await freePort(preferred(name));
    sayIfMoved(name, preferred(name), port, progress);
    stops.push(() => Promise.resolve(givePortBack(port)));
    return port;
  };
  const ledger = await Ledger.open(folder, report);
  stops.push(() => Promise.resolve(ledger.closeIfIdle()));
  const secrets = secretsOf(folder);

  const servers = await bringUpServers(options, preferred, progress, stops);
  options.signal?.throwIfAborted();

  const databaseUrls: DatabaseUrls = await prepareDatabase({
    adminUrl: servers.adminUrl,
    database: options.database ?? 'groundcrew',
    passwords: servers.passwords ?? secrets.passwords,
    reset: options.reset ?? false,
  });
  progress.line('Database    migrated');
  options.signal?.throwIfAborted();

  const issuerPort = await portFor('issuer');
  const issuerUrl = `http://127.0.0.1:${issuerPort}`;
  // Both the process and the mint read it: made here, there is one.
  await developmentKey(folder);
  const supervision = { ledger, supervise, report };
  const issuer = new SupervisedProcess(issuerPlan(folder, issuerPort), supervision);
  stops.push(() => issuer.stop());
  await issuer.start();
  progress.line(`Issuer      ${issuerUrl} (development keys)`);

  const apiPort = await portFor('api');
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const environment = childEnvironment({
    GROUNDCREW_DATABASE_API_URL: databaseUrls.api,
    GROUNDCREW_DATABASE_WORKER_URL: databaseUrls.worker,
    GROUNDCREW_DATABASE_RELAY_URL: databaseUrls.relay,
    GROUNDCREW_DATABASE_OPERATOR_URL: databaseUrls.operator,
    GROUNDCREW_DATABASE_NEIGHBOURS_URL: databaseUrls.neighbours,
    GROUNDCREW_TEMPORAL_ADDRESS: servers.temporalAddress,
    GROUNDCREW_TEMPORAL_NAMESPACE: servers.temporal?.namespace ?? 'default',
    GROUNDCREW_TEMPORAL_UI_URL: servers.temporal?.uiUrl ?? '',
    GROUNDCREW_API_HOST: '127.0.0.1',
    GROUNDCREW_API_PORT: String(apiPort),
    GROUNDCREW_PUBLIC_URL: apiUrl,
    GROUNDCREW_ISSUERS: JSON.stringify(trustedIssuers(issuerUrl)),
    GROUNDCREW_SEALING_KEY: secrets.sealingKey,
    GROUNDCREW_IDENTITY_KEY: secrets.identityKey,
    ...options.extraEnv,
  });
  const plans = appPlans(folder, environment, apiUrl);
  const apps = Object.fromEntries(
    appNames.map((name) => [name, new SupervisedProcess(plans[name], supervision)]),
  ) as Record<AppName, SupervisedProcess>;
  for (const name of appNames.filter((app) => (options.processes ?? appNames).includes(app))) {
    options.signal?.throwIfAborted();
    stops.push(() => apps[name].stop());
    await apps[name].start();
    progress.line(`${label(name)}${name === 'api' ? apiUrl : `process ${apps[name].pid}`}`);
  }
  const { adminUrl, postgres, temporal, temporalAddress } = servers;
  return {
    folder,
    apiUrl,
    issuerUrl,
    adminUrl,
    databaseUrls,
    postgres,
    temporal,
    temporalAddress,
    temporalUiUrl: temporal?.uiUrl,
    temporalNamespace: temporal?.namespace ?? 'default',
    issuer,
    apps,
    mintToken: await tokenMint(folder, issuerUrl),
  };
}

interface Servers {
  adminUrl: string;
  passwords?: Record<DatabaseRole, string>;
  temporalAddress: string;
  postgres: Postgres | undefined;
  temporal: Temporal | undefined;
}

async function bringUpServers(
  options: StackOptions,
  preferred: (name: 'postgres' | 'temporal' | 'temporalUi') => number | undefined,
  progress: Progress,
  stops: (() => Promise<void>)[],
): Promise<Servers> {
  if (typeof options.servers === 'object') return { ...options.servers, postgres: undefined, temporal: undefined };

  const { folder, supervise } = options;
  const [bringPostgres, bringTemporal] =
    options.servers === 'own' ? [startEmbedded, startDevServer] : [startPostgres, startTemporal];
  const shared = { folder, supervise, report: (line: string) => progress.line(line) };

  const postgres = await bringPostgres({ ...shared, ...optional('port', preferred('postgres')) });
  stops.push(() => postgres.stop());
  progress.line(`PostgreSQL  ${new URL(postgres.adminUrl).hostname}:${postgres.port}`);
  if (postgres.pid !== undefined) sayIfMoved('PostgreSQL', preferred('postgres'), postgres.port, progress);
  options.signal?.throwIfAborted();

  const temporal = await bringTemporal({
    ...shared,
    ...optional('port', preferred('temporal')),
    ...optional('uiPort', preferred('temporalUi')),
    ...optional('signal', options.signal),
    progress,
  });
  stops.push(() => temporal.stop());
  progress.line(`Temporal    ${temporal.address}${temporal.uiUrl === undefined ? '' : `, its UI ${temporal.uiUrl}`}`);
  if (temporal.pid !== undefined) {
    sayIfMoved('Temporal', preferred('temporal'), portOf(`http://${temporal.address}`), progress);
    sayIfMoved('Temporal UI', preferred('temporalUi'), portOf(temporal.uiUrl), progress);
  }
  return { adminUrl: postgres.adminUrl, temporalAddress: temporal.address, postgres, temporal };
}

function issuerPlan(folder: string, port: number): ProcessPlan {
  return {
    ...nodeProgram(folder, 'issuer', 'tools/stack/dist/issuer/serve.js'),
    env: childEnvironment({ GROUNDCREW_ISSUER_FOLDER: folder, GROUNDCREW_ISSUER_PORT: String(port) }),
    isReady: saysReady,
  };
}

/** What each process is told that the others are not: a way into the database as itself alone, and the keys it needs. */
const secretsFor: Record<AppName, readonly string[]> = {
  neighbours: ['GROUNDCREW_DATABASE_NEIGHBOURS_URL'],
  worker: [
    'GROUNDCREW_DATABASE_WORKER_URL',
    'GROUNDCREW_DATABASE_NEIGHBOURS_URL',
    'GROUNDCREW_SEALING_KEY',
    'GROUNDCREW_IDENTITY_KEY',
  ],
  relay: ['GROUNDCREW_DATABASE_RELAY_URL'],
  api: [
    'GROUNDCREW_DATABASE_API_URL',
    'GROUNDCREW_DATABASE_OPERATOR_URL',
    // To read for a plan what it would take away.
    'GROUNDCREW_DATABASE_NEIGHBOURS_URL',
    'GROUNDCREW_SEALING_KEY',
    'GROUNDCREW_IDENTITY_KEY',
  ],
};

function appPlans(folder: string, environment: NodeJS.ProcessEnv, apiUrl: string): Record<AppName, ProcessPlan> {
  const env = (name: AppName): NodeJS.ProcessEnv =>
    Object.fromEntries(
      Object.entries(environment).filter(
        ([variable]) => !/^GROUNDCREW_(DATABASE_.*_URL|.*_KEY)$/.test(variable) || secretsFor[name].includes(variable),
      ),
    );
  const plan = (name: AppName, file: string) => ({
    ...nodeProgram(folder, name, file, memoryFlags[name]),
    env: { ...env(name), ...memoryEnvironment },
  });
  return {
    neighbours: { ...plan('neighbours', 'apps/neighbours/dist/main.js'), isReady: saysReady },
    // What it executes takes longer than a moment: whoever asks the API for something goes first.
    worker: { ...plan('worker', 'apps/worker/dist/main.js'), isReady: saysReady, niceness: 5 },
    relay: { ...plan('relay', 'apps/worker/dist/relay.js'), isReady: saysReady },
    api: { ...plan('api', 'apps/api/dist/main.js'), isReady: answersAt(`${apiUrl}/readyz`) },
  };
}

function nodeProgram(
  folder: string,
  name: string,
  file: string,
  flags: readonly string[] = [],
): Omit<ProcessPlan, 'env' | 'isReady'> {
  return {
    name,
    command: nodeBinary,
    args: ['--enable-source-maps', ...flags, join(workspaceRoot, file)],
    cwd: workspaceRoot,
    logFile: join(folder, 'logs', `${name}.log`),
    stopSignal: 'SIGTERM',
    stopPatienceSeconds: 15,
    readyPatienceSeconds: 90,
  };
}

function sayIfMoved(what: string, wanted: number | undefined, got: number | undefined, progress: Progress): void {
  if (wanted !== undefined && got !== wanted) progress.line(`            port ${wanted} is taken; ${what} uses ${got}`);
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined ? undefined : Number(new URL(url).port);
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

function label(name: AppName): string {
  return { neighbours: 'Neighbours  ', worker: 'Worker      ', relay: 'Relay       ', api: 'API         ' }[name];
}
