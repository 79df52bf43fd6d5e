import type pg from 'pg';
import type { AskSql } from '../matching/candidate-index.js';

/** Asks with a client that is inside a transaction. */
export function askOf(client: pg.PoolClient): AskSql {
  return async <Row>(sql: string, values: readonly unknown[]) =>
    (await client.query(sql, [...values])).rows as unknown as Row[];
}
