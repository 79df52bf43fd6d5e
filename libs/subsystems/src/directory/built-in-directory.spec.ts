import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { applyDirectoryRequests } from './apply-directory.js';
import { createBuiltInDirectory } from './built-in-directory.js';
import { prepareNeighbours } from '../prepare-neighbours.js';
import { directoryContract } from './directory.contract.js';

let database: ClonedDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = new pg.Pool({ connectionString: database.urls.neighbours, max: 6 });
  await Promise.all([prepareNeighbours(pool), prepareNeighbours(pool)]);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function applyAll(): Promise<void> {
  while ((await applyDirectoryRequests(pool, 4)) > 0);
}

directoryContract('built in', () => ({
  directory: createBuiltInDirectory(pool),
  apply: applyAll,
  async aJoinedDevice(tenantId, displayName) {
    const { rows } = await pool.query<{ id: string }>(
      `insert into directory.device_object (tenant_id, display_name, physical_ids, trust_type)
       values ($1, $2, '{"[HWID]:h:6755414338"}', 'AzureAd') returning id`,
      [tenantId, displayName],
    );
    return rows[0]!.id;
  },
  async joins(tenantId, registrationId) {
    await pool.query(
      `update directory.device_object set trust_type = 'AzureAd', managed = true where tenant_id = $1 and registration_id = $2`,
      [tenantId, registrationId],
    );
  },
}));

describe('the built-in directory at work', () => {
  it('applies each request once when several processes work at the same time', async () => {
    const directory = createBuiltInDirectory(pool);
    const tenantId = randomUUID();
    await Promise.all(
      Array.from({ length: 12 }, () => {
        const registrationId = randomUUID();
        return directory.preCreate(randomUUID(), tenantId, [
          { registrationId, displayName: registrationId, serialNumber: null, physicalIds: [] },
        ]);
      }),
    );
    const applied = await Promise.all(Array.from({ length: 6 }, () => applyDirectoryRequests(pool, 4)));
    await applyAll();
    expect(applied.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(12);
    const { rows } = await pool.query(
      'select count(*)::int as objects from directory.device_object where tenant_id = $1',
      [tenantId],
    );
    expect(rows[0].objects).toBe(12);
  });

  it('lets requests rest for as long as it is told', async () => {
    const directory = createBuiltInDirectory(pool);
    await directory.release(randomUUID(), randomUUID(), [randomUUID()]);
    expect(await applyDirectoryRequests(pool, 4, { delayMs: 60_000 })).toBe(0);
    expect(await applyDirectoryRequests(pool, 4)).toBe(1);
  });
});
