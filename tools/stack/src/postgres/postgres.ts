import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';

import { freePort, givePortBack } from '../ports.js';
import { commandLineOf, endProcess, identityOf } from '../processes/identity.js';
import { Ledger } from '../processes/ledger.js';
import { SupervisedProcess, type ProcessPlan } from '../processes/supervised-process.js';
import { secretsOf } from '../secrets.js';
import { childEnvironment } from '../workspace.js';
import { postgresAccount, type Account } from './account.js';
import { locatePostgres, makeDataFolder, type PostgresLocation } from './location.js';

export interface PostgresOptions {
  /** Holds data, secrets, log and the ledger of processes. */
  folder: string;
  /** Taken if it is free, else another one. */
  port?: number;
  /** Start it again when it dies. */
  supervise?: boolean;
  report?: (line: string) => void;
}

export interface Postgres {
  /** As the superuser, to the database `postgres`. */
  adminUrl: string;
  port: number;
  readonly pid: number | undefined;
  stop(): Promise<void>;
  /** SIGKILL to the postmaster: a crash. */
  kill(): Promise<void>;
  /** Brings it up again on the same port, through crash recovery if need be. */
  restart(): Promise<void>;
}

/** The server of DATABASE_URL where that is set, else an embedded one of our own. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const external = process.env['DATABASE_URL'];
  return external === undefined || external === '' ? startEmbedded(options) : someoneElses(external);
}

/** A server of our own, whatever DATABASE_URL says: tests that pull its plug need one. */
export async function startEmbedded(options: PostgresOptions): Promise<Postgres> {
  const report = options.report ?? (() => undefined);
  const ledger = await Ledger.open(options.folder, report);
  const account = postgresAccount();
  const location = locatePostgres(options.folder, account);
  if (location.reason !== undefined) report(`data lies in ${location.data}, because ${location.reason}`);
  await endForgottenServer(location);
  const { postgresPassword } = secretsOf(options.folder);
  if (!existsSync(join(location.data, 'PG_VERSION'))) initialise(location, account, postgresPassword);

  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? options.port : undefined);
    const adminUrl = `postgres://postgres:${encodeURIComponent(postgresPassword)}@127.0.0.1:${port}/postgres`;
    const plan = planOf(options.folder, location, account, port, adminUrl);
    const server = new SupervisedProcess(plan, { ledger, supervise: options.supervise ?? false, report });
    try {
      await server.start();
    } catch (error) {
      // Somebody else took the port between our look and the server's.
      if (attempt < 3 && String(error).includes('could not bind')) continue;
      throw error;
    }
    return {
      adminUrl,
      port,
      get pid() {
        return server.pid;
      },
      stop: async () => {
        await server.stop();
        givePortBack(port);
        ledger.closeIfIdle();
      },
      kill: () => server.kill('SIGKILL'),
      restart: () => server.restart(),
    };
  }
}

function someoneElses(adminUrl: string): Postgres {
  const refuse = (): Promise<never> => Promise.reject(new Error('The server of DATABASE_URL is not ours to stop.'));
  const port = Number(new URL(adminUrl).port || '5432');
  return { adminUrl, port, pid: undefined, stop: () => Promise.resolve(), kill: refuse, restart: refuse };
}

function initialise(location: PostgresLocation, account: Account | undefined, password: string): void {
  makeDataFolder(location, account);
  // In the data folder only its owner could see it, but that has to be empty.
  const passwordFile = `${location.data}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
  try {
    const result = spawnSync(
      join(location.binaries, 'bin', 'initdb'),
      [
        `--pgdata=${location.data}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order of text on every machine, whatever locales it has.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ],
      { ...account, cwd: '/', env: childEnvironment({ LC_ALL: 'C' }), encoding: 'utf8' },
    );
    if (result.status === 0) return;
    // Half a cluster would be taken for a whole one next time.
    rmSync(location.data, { recursive: true, force: true });
    throw new Error(`initdb failed: ${(result.error?.message ?? result.stderr).trim()}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function planOf(
  folder: string,
  location: PostgresLocation,
  account: Account | undefined,
  port: number,
  adminUrl: string,
): ProcessPlan {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    // The indexes of a million devices' keys do not fit in less; what nobody touches takes no memory. Source: performance.md (machine).
    shared_buffers: '1GB',
    max_wal_size: '6GB',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
  return {
    name: 'postgres',
    command: join(location.binaries, 'bin', 'postgres'),
    args: [
      '-D',
      location.data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: childEnvironment({ LC_ALL: 'C' }),
    cwd: '/',
    ...(account === undefined ? {} : { account }),
    logFile: join(folder, 'logs', 'postgres.log'),
    // Fast shutdown: roll back what is open, write a checkpoint, go.
    stopSignal: 'SIGINT',
    stopPatienceSeconds: 30,
    readyPatienceSeconds: 120,
    isReady: () => answers(adminUrl),
    // After a crash its old children need a moment to notice; until then the memory they share is not given up.
    startIsWorthRepeating: (output) => /pre-existing shared memory|lock file .* already exists/.test(output),
  };
}

/** The server that a killed start left behind, when even the ledger was lost; its own lock file still names it. */
async function endForgottenServer(location: PostgresLocation): Promise<void> {
  const lockFile = join(location.data, 'postmaster.pid');
  if (!existsSync(lockFile)) return;
  const pid = Number(readFileSync(lockFile, 'utf8').split('\n')[0]);
  const holder = identityOf(pid);
  if (holder === undefined) return;
  if (commandLineOf(pid).includes(location.data)) {
    await endProcess(holder, 'SIGINT', 30);
  } else {
    // The number was given to a stranger since. PostgreSQL itself could not tell, and would refuse to start.
    rmSync(lockFile, { force: true });
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that breaks while the server goes down must not end us.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
