import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';
import { readInScope, sqlStateOf, withScope, type Unit } from './with-scope.js';

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

  it('gives the connection back when it breaks under a read, which fails, or after its answers, which stand', async () => {
    for (let time = 0; time < 3; time += 1) {
      const asked = readInScope(database, nobody, async (unit) => {
        await breakConnection(unit);
        return await unit.query('select 1 as one');
      });
      await expect(asked).rejects.toThrow();
      const answered = readInScope(database, nobody, async (unit) => {
        await breakConnection(unit);
        return 'an answer';
      });
      expect(await answered).toBe('an answer');
    }
    expect(await readInScope(database, nobody, (unit) => unit.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });

  it('reads in its scope, and what is asked at once is answered in turn', async () => {
    const scope = { principal: 'user:reader', tenantId: null, partnerId: null };
    const found = await readInScope(database, scope, (unit) =>
      Promise.all(
        [1, 2].map((number) =>
          unit.query(`select current_setting('groundcrew.principal') as principal, $1::integer as number`, [number]),
        ),
      ),
    );
    expect(found).toEqual([[{ principal: 'user:reader', number: 1 }], [{ principal: 'user:reader', number: 2 }]]);
    const left = await withScope(database, nobody, (unit) =>
      unit.query(`select current_setting('groundcrew.principal') as principal`),
    );
    expect(left).toEqual([{ principal: 'user:nobody' }]);
  });

  it('changes nothing in a read: PostgreSQL refuses', async () => {
    const refused = readInScope(database, nobody, (unit) =>
      unit.change('create table public.changed (id integer)'),
    ).catch(sqlStateOf);
    expect(await refused).toBe('25006');
  });

  it('answers nothing where the transaction could not be opened, whatever the question said', async () => {
    // PostgreSQL takes no text with a zero byte in it.
    const scope = { principal: '\0', tenantId: null, partnerId: null };
    await expect(readInScope(database, scope, () => Promise.resolve('an answer'))).rejects.toThrow();
    await expect(withScope(database, scope, () => Promise.resolve('an answer'))).rejects.toThrow();
    expect(await ask()).toEqual([{ one: 1 }]);
  });
});
