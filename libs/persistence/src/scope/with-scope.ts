import type { Database } from './database.js';
import { named } from './prepared.js';
import { onConnection, type Scope, type Unit } from './transaction.js';

export type { Scope, Unit };

/** Asks something for which no scope is needed, in one trip: no policy lets it see a row, only functions answer. */
export async function ask<Row>(database: Database, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  const { rows } = await database.pool.query(named(sql, values));
  return rows as Row[];
}

/** SQLSTATEs after which the same transaction may simply be run again. */
const repeatable = new Set(['40001', '40P01']);
const attempts = 4;

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
      return await onConnection(database, async (transaction) => {
        await transaction.open('begin', scope);
        const result = await work(transaction.unit);
        await transaction.unit.em.flush();
        await transaction.commit();
        return result;
      });
    } catch (error) {
      if (attempt >= attempts || !repeatable.has(sqlStateOf(error) ?? '')) throw error;
    }
  }
}

/**
 * The same for work that changes nothing, in fewer trips: its first question travels with what opens the transaction, and its caller
 * does not wait for the end. PostgreSQL refuses a change (SQLSTATE 25006).
 */
export function readInScope<Result>(
  database: Database,
  scope: Scope,
  read: (unit: Unit) => Promise<Result>,
): Promise<Result> {
  return new Promise((answer, fail) => {
    onConnection(database, async (transaction) => {
      const opened = transaction.open('start transaction read only', scope);
      // Where it cannot be opened the questions fail as well, or see no row: why is heard below, before anybody has an answer.
      opened.catch(() => undefined);
      const found = await read(transaction.unit).finally(() => opened);
      answer(found);
      await transaction.commit();
    }).catch(fail);
  });
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
