import { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { rows } from '../rows/rows.js';
import { askPreparedByName } from './prepared.js';

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
  readonly url: string;
  readonly applicationName: string;
  close(): Promise<void>;
}

/** Prepares a pool; the first connection is made when it is needed, so a process boots while PostgreSQL is down. */
export function openDatabase(options: DatabaseOptions): Database {
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
      onPoolCreated: (pool: pg.Pool) => void pool.on('connect', askPreparedByName),
    },
    debug: false,
    colors: false,
    logger: (message) => options.warn?.(message),
  });
  return {
    orm,
    url: options.url,
    applicationName: options.applicationName,
    close: () => orm.close(true),
  };
}
