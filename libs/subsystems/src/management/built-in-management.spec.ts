import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { applyDirectoryRequests } from '../directory/apply-directory.js';
import { createBuiltInDirectory } from '../directory/built-in-directory.js';
import { prepareNeighbours } from '../prepare-neighbours.js';
import { applyManagementRequests } from './apply-management.js';
import { createBuiltInManagement } from './built-in-management.js';
import { enrolDevices } from './enrol-devices.js';
import { managementContract } from './management.contract.js';

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

const syncIntervalMs = 600_000;

async function applyAll(): Promise<void> {
  while ((await applyDirectoryRequests(pool, 4)) + (await applyManagementRequests(pool, 4)) > 0);
}

managementContract('built in', () => ({
  management: createBuiltInManagement(pool, { syncIntervalMs }),
  directory: createBuiltInDirectory(pool),
  apply: applyAll,
  enrol: (tenantId, devices) => enrolDevices(pool, tenantId, devices),
  async syncIntervalPasses(tenantId) {
    await pool.query(
      `update management.sync set started_at = started_at - $2 * interval '1 millisecond' where tenant_id = $1`,
      [tenantId, syncIntervalMs],
    );
  },
}));

describe('the built-in management at work', () => {
  it('loses no object between a release and a retirement that are applied at the same moment', async () => {
    const directory = createBuiltInDirectory(pool);
    const management = createBuiltInManagement(pool, { syncIntervalMs });
    for (let round = 0; round < 8; round += 1) {
      const tenantId = randomUUID();
      const objects = Array.from({ length: 20 }, () => {
        const registrationId = randomUUID();
        return { registrationId, displayName: registrationId, serialNumber: null, physicalIds: [] };
      });
      await directory.preCreate(randomUUID(), tenantId, objects);
      await applyAll();
      const enrolled = await enrolDevices(
        pool,
        tenantId,
        objects.map(({ registrationId }) => ({ registrationId, serialNumber: registrationId })),
      );
      await directory.release(
        randomUUID(),
        tenantId,
        objects.map((object) => object.registrationId),
      );
      await management.retire(
        randomUUID(),
        tenantId,
        enrolled.map((device) => device.managedDeviceId),
      );
      // A deadlock of the two is a fault: the one that lost is applied again.
      await Promise.allSettled([applyDirectoryRequests(pool, 4), applyManagementRequests(pool, 4)]);
      await applyAll();
      expect((await directory.list(tenantId, { limit: 100 })).items).toEqual([]);
    }
  });

  it('lets a removal rest for as long as it can be taken back', async () => {
    const management = createBuiltInManagement(pool, { syncIntervalMs });
    await management.retire(randomUUID(), randomUUID(), [randomUUID()]);
    expect(await applyManagementRequests(pool, 4, { delayMs: 60_000 })).toBe(0);
    expect(await applyManagementRequests(pool, 4)).toBe(1);
  });
});
