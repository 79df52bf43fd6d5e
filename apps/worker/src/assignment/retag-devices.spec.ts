import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askOf, forgetRetags, inTenant, requestRetags, tellRetags } from '@groundcrew/persistence/without-orm';
import { applyDirectoryRequests, prepareNeighbours } from '@groundcrew/subsystems';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { openRegistry, type Registry } from '../../../../test/support/registry.js';
import { openNeighbours, type Neighbours } from '../neighbours/open-neighbours.js';
import { retagDevices } from './retag-devices.js';

describe('telling the directory changed tags', () => {
  let database: ClonedDatabase;
  let registry: Registry;
  let worker: pg.Pool;
  let neighboursPool: pg.Pool;
  let neighbours: Neighbours;
  let applying: NodeJS.Timeout;
  let busy: Promise<unknown> = Promise.resolve();

  beforeAll(async () => {
    database = await cloneDatabase();
    registry = openRegistry(database.adminUrl);
    worker = new pg.Pool({ connectionString: database.urls.worker, max: 3 });
    neighboursPool = new pg.Pool({ connectionString: database.urls.neighbours, max: 3 });
    await prepareNeighbours(neighboursPool);
    neighbours = openNeighbours(neighboursPool, { syncIntervalMs: 0, mayMisbehave: false });
    applying = setInterval(() => (busy = busy.then(() => applyDirectoryRequests(neighboursPool, 4))), 20);
  });
  afterAll(async () => {
    clearInterval(applying);
    await busy;
    await Promise.all([worker.end(), neighboursPool.end(), registry.close()]);
    await database.drop();
  });

  const retag = (tenantId: string) =>
    retagDevices({ ...neighbours, pool: worker, observePatienceMs: 5_000 }, tenantId, () => Promise.resolve());
  const objectOf = async (tenantId: string, id: string) =>
    (await neighbours.directory.read(tenantId, { registrationIds: [id] }))[0];
  const waiting = async (tenantId: string) =>
    (await registry.admin.query('select device_id from registry.device_retag where tenant_id = $1', [tenantId])).rows;

  async function aDevice(tenantId: string): Promise<{ id: string; runId: string }> {
    const runId = await registry.anOrder({ tenantId, partnerId: null, parts: [['{}']] });
    const id = randomUUID();
    await registry.admin.query(
      `insert into registry.device (tenant_id, id, serial_number, group_tag, purchase_order, registrar_kind, registrar_id,
         source_run_id, source_line, hash_level) values ($1, $2, $4, 'Kiosk', 'PO-1', 'tenant', $1, $3, 1, 'full')`,
      [tenantId, id, runId, id],
    );
    await neighbours.directory.preCreate(randomUUID(), tenantId, [
      { registrationId: id, displayName: id, serialNumber: id, physicalIds: [`[ZTDID]:${id}`, '[OrderId]:Kiosk'] },
    ]);
    for (;;) {
      const object = await objectOf(tenantId, id);
      if (object === undefined) continue;
      await registry.admin.query(
        'insert into registry.device_directory_object (tenant_id, device_id, object_id) values ($1, $2, $3)',
        [tenantId, id, object.objectId],
      );
      return { id, runId };
    }
  }
  async function changeTag(tenantId: string, id: string, tag: string): Promise<void> {
    await inTenant(worker, tenantId, async (client) => {
      await client.query('update registry.device set group_tag = $3 where tenant_id = $1 and id = $2', [
        tenantId,
        id,
        tag,
      ]);
      await requestRetags(askOf(client), tenantId, [id]);
    });
  }

  it('writes them onto the object that the registration has, and is done when they stand there', async () => {
    const tenantId = await registry.aTenant();
    const { id } = await aDevice(tenantId);
    const before = await objectOf(tenantId, id);
    await changeTag(tenantId, id, 'Desk');
    await retag(tenantId);
    expect(await objectOf(tenantId, id)).toEqual({
      ...before,
      physicalIds: [`[ZTDID]:${id}`, '[OrderId]:Desk', '[PurchaseOrderId]:PO-1'],
    });
    expect(await waiting(tenantId)).toEqual([]);
  });

  it('leaves a device alone that a run has: a tag after a release would take the release back', async () => {
    const tenantId = await registry.aTenant();
    const { id, runId } = await aDevice(tenantId);
    await changeTag(tenantId, id, 'Desk');
    await registry.admin.query(
      `insert into registry.device_reservation (tenant_id, device_id, run_id, kind) values ($1, $2, $3, 'deregistration')`,
      [tenantId, id, runId],
    );
    await retag(tenantId);
    expect((await objectOf(tenantId, id))!.physicalIds).toContain('[OrderId]:Kiosk');
    expect(await waiting(tenantId)).toHaveLength(1);
  });

  it('tells again what changed while it told', async () => {
    const tenantId = await registry.aTenant();
    const { id } = await aDevice(tenantId);
    await changeTag(tenantId, id, 'Desk');
    const told = await tellRetags(worker, tenantId, 10, () => Promise.resolve());
    await changeTag(tenantId, id, 'Lobby');
    await forgetRetags(worker, tenantId, told);
    expect(await waiting(tenantId)).toHaveLength(1);
    await retag(tenantId);
    expect((await objectOf(tenantId, id))!.physicalIds).toContain('[OrderId]:Lobby');
  });
});
