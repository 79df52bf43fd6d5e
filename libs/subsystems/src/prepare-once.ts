import type pg from 'pg';
import { inTransaction } from './in-transaction.js';

/** Runs statements that create what is missing. Processes that start at once take turns. */
export async function prepareOnce(pool: pg.Pool, schemaSql: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(727402)');
    await client.query(schemaSql);
  });
}
