import { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { rows } from '../rows/rows.js';

export interface DatabaseOptions {
  /** Connection URL of the one role this process part speaks as. */
  url: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  poolSize: number;
  /** No answer within this time is a fault that the caller hears of, never a wait without end. */
  connectTimeoutMilliseconds: number;
  statementTimeoutMilliseconds: number;
  /** Hears of connections that broke while nobody used them. */
  warn?: (message: string) => void;
}

/** One role's connections. What it may see is decided per transaction: see `withScope`. */
export interface Database {
  readonly orm: MikroORM;
  /** The connections that the entity managers share with SQL. */
  readonly pool: pg.Pool;
  readonly url: string;
  readonly applicationName: string;
  close(): Promise<void>;
}

/** Prepares a pool; the first connection is made when it is needed, so a process boots while PostgreSQL is down. */
export function openDatabase(options: DatabaseOptions): Database {
  let pool: pg.Pool | undefined;
  const orm = new MikroORM({
    clientUrl: options.url,
    entities: rows,
    pool: { min: 0, max: options.poolSize, idleTimeoutMillis: 30_000 },
    driverOptions: {
      application_name: options.applicationName,
      connectionTimeoutMillis: options.connectTimeoutMilliseconds,
      statement_timeout: options.statementTimeoutMilliseconds,
      // The server's own limit does not help when the server does not answer at all.
      query_timeout: options.statementTimeoutMilliseconds + 5_000,
      lock_timeout: options.statementTimeoutMilliseconds,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
      // A statement is sent while the one before it is still worked on.
      pipeline: true,
      onPoolCreated: (created: pg.Pool) => void (pool = created),
    },
    debug: false,
    colors: false,
    logger: (message) => options.warn?.(message),
  });
  // Makes the pool, and no connection yet.
  orm.em.getKysely();
  const connections = pool!;
  return {
    orm,
    pool: connections,
    url: options.url,
    applicationName: options.applicationName,
    close: async () => {
      await orm.close(true);
      // It ends the pool only where it has used it itself.
      if (!connections.ending) await connections.end();
    },
  };
}
