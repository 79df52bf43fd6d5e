import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { int2Array, int4Array, int8Array, uuidArray } from './binary-arrays.js';
import { readBytes } from './read-bytes.js';

describe('values on the binary way', () => {
  let database: ClonedDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await cloneDatabase();
    pool = new pg.Pool({ connectionString: database.urls.worker, max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const [first, second] = [randomUUID(), randomUUID().toUpperCase()];
  it.each([
    ['uuid', uuidArray([first, second]), [first, second.toLowerCase()]],
    ['bigint', int8Array([-(2n ** 63n), 0n, 2n ** 63n - 1n]), [String(-(2n ** 63n)), '0', String(2n ** 63n - 1n)]],
    ['integer', int4Array([-2_147_483_648, 7, 2_147_483_647]), [-2_147_483_648, 7, 2_147_483_647]],
    ['smallint', int2Array([-32_768, 32_767]), [-32_768, 32_767]],
    ['uuid', uuidArray([]), []],
    ['bigint', int8Array([]), []],
  ])('PostgreSQL reads an array of %s as it was meant', async (type, array, meant) => {
    const { rows } = await pool.query(`select array(select unnest($1::${type}[])) as read`, [array]);
    expect(rows[0].read).toEqual(meant);
  });

  it('what is no UUID is refused before it is sent', () => {
    for (const text of [
      '',
      '0',
      `${randomUUID()}0`,
      randomUUID().replace(/^./, 'g'),
      randomUUID().replace(/^./, 'é'),
    ]) {
      expect(() => uuidArray([text])).toThrow(RangeError);
    }
  });

  it('bytes are read as they are, none as none, and a row that is not there as null', async () => {
    const client = await pool.connect();
    try {
      for (const bytes of [Buffer.alloc(0), Buffer.from('00ff0a5c', 'hex'), Buffer.alloc(300_000, 0xab)]) {
        expect(await readBytes(client, `select '\\x${bytes.toString('hex')}'::bytea`)).toEqual(bytes);
      }
      expect(await readBytes(client, `select '\\x00'::bytea where false`)).toBeNull();
      expect(await readBytes(client, 'select null::bytea')).toBeNull();
      // The connection is fit for the next question.
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      client.release();
    }
  });
});
