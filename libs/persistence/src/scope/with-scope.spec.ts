import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';
import { withScope, type Unit } from './with-scope.js';

const nobody = { principal: 'user:nobody', tenantId: null, partnerId: null };

describe('a scoped transaction whose connection breaks', () => {
  let cloned: ClonedDatabase;
  let database: Database;
  let admin: pg.Pool;

  beforeAll(async () => {
    cloned = await cloneDatabase();
    admin = new pg.Pool({ connectionString: cloned.adminUrl, max: 1 });
    database = openDatabase({
      url: cloned.urls.api,
      applicationName: 'test',
      poolSize: 1,
      connectTimeoutMilliseconds: 1_500,
      statementTimeoutMilliseconds: 5_000,
    });
  });
  afterAll(async () => {
    await database.close();
    await admin.end();
    await cloned.drop();
  });

  const ask = () => withScope(database, nobody, (unit) => unit.query<{ one: number }>('select 1 as one'));
  const breakConnection = async (unit: Unit) => {
    const [backend] = await unit.query<{ pid: number }>('select pg_backend_pid() as pid');
    await admin.query('select pg_terminate_backend($1, 2000)', [backend!.pid]);
  };

  it('says why, and gives the connection back, when it breaks in the middle', async () => {
    for (let time = 0; time < 3; time += 1)
      await expect(
        withScope(database, nobody, async (unit) => {
          await breakConnection(unit);
          throw new Error('the reason');
        }),
      ).rejects.toThrow('the reason');
    expect(await ask()).toEqual([{ one: 1 }]);
  });

  it('gives the connection back when it breaks before commit', async () => {
    for (let time = 0; time < 3; time += 1)
      await expect(withScope(database, nobody, breakConnection)).rejects.toThrow();
    expect(await ask()).toEqual([{ one: 1 }]);
  });

  it('leaves nothing behind of a transaction that fails', async () => {
    await expect(
      withScope(database, nobody, async (unit) => {
        await unit.query('create temporary table left_behind (id integer) on commit preserve rows');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    const [left] = await withScope(database, nobody, (unit) =>
      unit.query<{ left: string | null }>(`select to_regclass('pg_temp.left_behind')::text as left`),
    );
    expect(left).toEqual({ left: null });
  });
});
