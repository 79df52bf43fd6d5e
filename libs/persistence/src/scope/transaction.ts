import type { EntityManager } from '@mikro-orm/postgresql';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type pg from 'pg';
import type { Database } from './database.js';
import { named, prepared } from './prepared.js';

/** On whose behalf a transaction works. Policies read it; null means: nothing of that kind is visible. */
export interface Scope {
  principal: string;
  tenantId: string | null;
  partnerId: string | null;
}

/** What a scoped transaction offers: rows through the entity manager, or SQL where it says more. */
export interface Unit {
  readonly em: EntityManager;
  /** Runs SQL with `$1` placeholders; the values are bound, never written into the text. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The same for a change: how many rows it touched. */
  change(sql: string, values?: readonly unknown[]): Promise<number>;
}

/** One connection's transaction. */
export interface ScopedTransaction {
  readonly unit: Unit;
  /** Opens it and says whose rows it may touch, in one trip: the second does not wait until the first was answered. */
  open(statement: 'begin' | 'start transaction read only', scope: Scope): Promise<void>;
  commit(): Promise<void>;
}

const sayScope = prepared(
  `select set_config('groundcrew.principal', $1, true), set_config('groundcrew.tenant_id', $2, true),
     set_config('groundcrew.partner_id', $3, true)`,
);

/**
 * Gives the work a connection, and rolls back what it leaves open where it fails. Not `em.transactional`: where `begin` or `rollback` fails,
 * because the server died, that never gives the connection back, and a pool whose server died a few times had none left.
 */
export async function onConnection<Result>(
  database: Database,
  work: (transaction: ScopedTransaction) => Promise<Result>,
): Promise<Result> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    return await work(transactionOn(client, database.orm.em.fork()));
  } catch (error) {
    // A rollback that fails as well must not hide why.
    await client.query('rollback').catch((fault: Error) => (broken = fault));
    throw error;
  } finally {
    client.release(broken);
  }
}

function transactionOn(client: pg.PoolClient, em: EntityManager): ScopedTransaction {
  em.setTransactionContext(boundTo(client));
  const run = (sql: string, values: readonly unknown[] = []) => client.query(named(sql, values));
  return {
    unit: {
      em,
      query: async <Row>(sql: string, values?: readonly unknown[]) => (await run(sql, values)).rows as Row[],
      change: async (sql, values) => (await run(sql, values)).rowCount ?? 0,
    },
    open: async (statement, { principal, tenantId, partnerId }) => {
      await Promise.all([client.query(statement), run(sayScope, [principal, tenantId ?? '', partnerId ?? ''])]);
    },
    commit: async () => void (await client.query('commit')),
  };
}

const bound = new WeakMap<pg.PoolClient, Transaction<unknown>>();

/** What the entity manager asks through, kept with its connection. It says neither begin nor commit there: we do. */
function boundTo(client: pg.PoolClient): Transaction<unknown> {
  let transaction = bound.get(client);
  if (transaction === undefined) {
    const only = { query: client.query.bind(client) as pg.PoolClient['query'], release: () => undefined };
    const pool = { connect: () => Promise.resolve(only), end: () => Promise.resolve(), options: {} };
    transaction = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }) as Transaction<unknown>;
    bound.set(client, transaction);
  }
  return transaction;
}
