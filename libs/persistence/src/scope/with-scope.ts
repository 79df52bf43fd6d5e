import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import type { Database } from './database.js';
import { prepared } from './prepared.js';

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

/** Asks something for which no scope is needed, in one trip: no policy lets it see a row, only functions answer. */
export async function ask<Row>(database: Database, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  return await unitOf(database.orm.em.fork()).query<Row>(sql, values);
}

/** SQLSTATEs after which the same transaction may simply be run again. */
const repeatable = new Set(['40001', '40P01']);
const attempts = 4;

const sayScope = prepared(
  `select set_config('groundcrew.principal', $1, true), set_config('groundcrew.tenant_id', $2, true),
     set_config('groundcrew.partner_id', $3, true)`,
);

/**
 * Runs the work in one transaction that first says whose rows it may touch. A deadlock or a serialisation failure runs it
 * again, so the work must have no effect outside the transaction.
 */
export async function withScope<Result>(
  database: Database,
  scope: Scope,
  work: (unit: Unit) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(database.orm.em.fork(), async (em) => {
        const unit = unitOf(em);
        await unit.query(sayScope, [scope.principal, scope.tenantId ?? '', scope.partnerId ?? '']);
        return await work(unit);
      });
    } catch (error) {
      if (attempt >= attempts || !repeatable.has(sqlStateOf(error) ?? '')) throw error;
    }
  }
}

/**
 * One transaction around the work. Not `em.transactional`: where `begin` or `rollback` fails, because the server died, that never gives the
 * connection back, and a pool whose server died a few times had none left.
 */
async function inTransaction<Result>(em: EntityManager, work: (em: EntityManager) => Promise<Result>): Promise<Result> {
  let failure: { error: unknown } | undefined;
  try {
    return await em
      .getKysely<unknown>()
      .transaction()
      .execute(async (transaction) => {
        em.setTransactionContext(transaction);
        try {
          const result = await work(em);
          await em.flush();
          return result;
        } catch (error) {
          failure = { error };
          throw error;
        }
      });
  } catch (error) {
    // A rollback that fails as well must not hide why.
    throw failure === undefined ? error : failure.error;
  }
}

/** The SQLSTATE of a database error, however deep it is wrapped. Codes are compared, never classes. */
export function sqlStateOf(error: unknown): string | undefined {
  let current = error as { code?: unknown; cause?: unknown } | null | undefined;
  for (let depth = 0; typeof current === 'object' && current !== null && depth < 5; depth += 1) {
    if (typeof current.code === 'string' && /^[0-9A-Z]{5}$/.test(current.code)) return current.code;
    current = current.cause as typeof current;
  }
  return undefined;
}

function unitOf(em: EntityManager): Unit {
  const run = <Row>(sql: string, values: readonly unknown[]) =>
    em.getKysely<unknown>().executeQuery<Row>(CompiledQuery.raw(sql, [...values]) as CompiledQuery<Row>);
  return {
    em,
    query: async <Row>(sql: string, values: readonly unknown[] = []) => (await run<Row>(sql, values)).rows,
    change: async (sql, values = []) => Number((await run(sql, values)).numAffectedRows ?? 0),
  };
}
