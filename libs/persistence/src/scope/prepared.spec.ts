import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { named, prepared } from './prepared.js';

describe('statements that are asked again and again', () => {
  let pool: pg.Pool;
  registrySuite('worker', 1, (opened) => ({ pool } = opened));

  it('are planned by a connection and kept, and others are not', async () => {
    const often = prepared('select $1::integer * 7 as product');
    expect(prepared(often)).toBe(often);
    const client = await pool.connect();
    for (const factor of [6, 7]) {
      expect((await client.query(named(often, [factor]))).rows).toEqual([{ product: factor * 7 }]);
      expect((await client.query(named('select $1::integer * 5 as product', [factor]))).rows).toEqual([
        { product: factor * 5 },
      ]);
    }
    const { rows } = await client.query('select statement from pg_prepared_statements');
    client.release();
    expect(rows).toEqual([{ statement: often }]);
  });
});
