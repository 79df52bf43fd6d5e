import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../test/support/database.js';
import { openPool } from './open-pool.js';

describe('a connection that breaks', () => {
  let database: ClonedDatabase;
  beforeAll(async () => {
    database = await cloneDatabase();
  });
  afterAll(() => database.drop());

  it.each(['in somebody’s hands', 'in the pool'])(
    '%s ends no process, is heard of once, and the pool goes on',
    async (where) => {
      const breaks: Error[] = [];
      const pool = openPool({ connectionString: database.urls.neighbours, max: 1 }, (error) => breaks.push(error));
      const client = await pool.connect();
      const [{ pid }] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows as [
        { pid: number },
      ];
      if (where === 'in the pool') client.release();
      const broke = new Promise((resolve) => client.once('end', resolve));
      const other = new pg.Client({ connectionString: database.urls.neighbours });
      await other.connect();
      await other.query('select pg_terminate_backend($1)', [pid]);
      await other.end();
      await broke;
      if (where !== 'in the pool') {
        await expect(client.query('select 1')).rejects.toThrow();
        client.release(true);
      }
      expect(breaks).toHaveLength(1);
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await pool.end();
    },
  );
});
