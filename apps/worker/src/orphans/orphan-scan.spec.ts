import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { physicalIdsOf, repairableOrphans, type OrphanClass } from '@groundcrew/domain';
import {
  askOf,
  closeScan,
  inTenant,
  listActiveTenants,
  openScan,
  requestOrphanScan,
  requestScheduledScan,
} from '@groundcrew/persistence/without-orm';
import {
  applyDirectoryRequests,
  applyManagementRequests,
  applyPartnerViewRequests,
  enrolDevices,
  prepareNeighbours,
} from '@groundcrew/subsystems';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { openRegistry, type Registry } from '../../../../test/support/registry.js';
import { openNeighbours, type Neighbours } from '../neighbours/open-neighbours.js';
import { scanPart, type ScanTools } from './scan-part.js';

const stores = ['registration', 'directory', 'management', 'partner_view'] as const;

describe('finding what is left alone', () => {
  let database: ClonedDatabase;
  let registry: Registry;
  let worker: pg.Pool;
  let neighboursPool: pg.Pool;
  let neighbours: Neighbours;
  let applying: NodeJS.Timeout;

  beforeAll(async () => {
    database = await cloneDatabase();
    registry = openRegistry(database.adminUrl);
    worker = new pg.Pool({ connectionString: database.urls.worker, max: 3 });
    neighboursPool = new pg.Pool({ connectionString: database.urls.neighbours, max: 4 });
    await prepareNeighbours(neighboursPool);
    neighbours = openNeighbours(neighboursPool, { syncIntervalMs: 0, mayMisbehave: false });
    // The neighbours' process, in this one.
    applying = setInterval(() => void apply(), 20);
  });
  afterAll(async () => {
    clearInterval(applying);
    await apply();
    await Promise.all([worker.end(), neighboursPool.end(), registry.close()]);
    await database.drop();
  });

  let busy: Promise<void> = Promise.resolve();
  function apply(): Promise<void> {
    busy = busy.then(async () => {
      while (
        (await applyDirectoryRequests(neighboursPool, 4)) +
          (await applyManagementRequests(neighboursPool, 4)) +
          (await applyPartnerViewRequests(neighboursPool, 4)) >
        0
      );
    });
    return busy;
  }

  /** A registered device whose object was observed. */
  async function aRegistration(tenantId: string, serialNumber: string): Promise<string> {
    const partnerId = await registry.aPartner();
    const runId = await registry.anOrder({ tenantId, partnerId, parts: [['{}']] });
    const id = randomUUID();
    await registry.admin.query(
      `insert into registry.device (tenant_id, id, serial_number, group_tag, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
       values ($1, $2, $3, 'Kiosk', 'partner', $4, $5, 1, 'full')`,
      [tenantId, id, serialNumber, partnerId, runId],
    );
    const registration = { registrationId: id, groupTag: 'Kiosk', purchaseOrder: null };
    await neighbours.directory.preCreate(randomUUID(), tenantId, [
      { registrationId: id, displayName: serialNumber, serialNumber, physicalIds: physicalIdsOf(registration) },
    ]);
    await apply();
    const [object] = await neighbours.directory.read(tenantId, { registrationIds: [id] });
    await registry.admin.query(
      'insert into registry.device_directory_object (tenant_id, device_id, object_id) values ($1, $2, $3)',
      [tenantId, id, object!.objectId],
    );
    return id;
  }

  async function scan(tenantId: string, repair: readonly OrphanClass[] = []): Promise<{ found: number }> {
    const { runId } = await inTenant(worker, tenantId, (client) =>
      requestOrphanScan(askOf(client), tenantId, 'test', repair),
    );
    const run = { runId, tenantId };
    const tools: ScanTools = { ...neighbours, pool: worker, observePatienceMs: 10_000 };
    await openScan(worker, run);
    for (const pass of repair.length > 0 ? (['repairing', 'comparing'] as const) : (['comparing'] as const))
      for (const store of stores) await scanPart(tools, { ...run, pass, store, after: null });
    return closeScan(worker, run);
  }

  const open = async (tenantId: string) =>
    (
      await registry.admin.query<{ class: OrphanClass; subject: string; serial_number: string; evidence: object }>(
        'select class, subject, serial_number, evidence from registry.orphan_finding where tenant_id = $1 and resolved_at is null',
        [tenantId],
      )
    ).rows;
  const classes = async (tenantId: string) => (await open(tenantId)).map((finding) => finding.class).sort();
  const forget = (table: string, id: string, column = 'id') =>
    registry.admin.query(`delete from ${table} where ${column} = $1`, [id]);

  /** One orphan of each class, and a device beside them with which everything is well. */
  async function aTenantWithOrphans() {
    const tenantId = await registry.aTenant();
    const well = await aRegistration(tenantId, 'WELL');
    await enrolDevices(neighboursPool, tenantId, [{ registrationId: well, serialNumber: 'WELL' }]);

    await forget('directory.device_object', await aRegistration(tenantId, 'NO-OBJECT'), 'registration_id');
    const untagged = await aRegistration(tenantId, 'UNTAGGED');
    await registry.admin.query(`update directory.device_object set physical_ids = '{}' where registration_id = $1`, [
      untagged,
    ]);
    await forget('registry.device', await aRegistration(tenantId, 'GONE'));

    const [unmanaged] = await enrolDevices(neighboursPool, tenantId, [{ serialNumber: 'UNMANAGED' }]);
    await forget('management.managed_device', unmanaged!.managedDeviceId);
    const unregistered = await aRegistration(tenantId, 'UNREGISTERED');
    await enrolDevices(neighboursPool, tenantId, [{ registrationId: unregistered, serialNumber: 'UNREGISTERED' }]);
    await forget('registry.device', unregistered);
    await neighbours.directory.release(randomUUID(), tenantId, [unregistered]);
    const [cutOff] = await enrolDevices(neighboursPool, tenantId, [{ serialNumber: 'CUT-OFF' }]);
    await forget('directory.device_object', cutOff!.directoryObjectId!);

    await neighbours.partnerView.show(randomUUID(), tenantId, [
      { registrationId: well, serialNumber: 'WELL', partnerId: randomUUID() },
      { registrationId: randomUUID(), serialNumber: 'SHOWN', partnerId: randomUUID() },
    ]);
    await apply();
    return tenantId;
  }

  const each = [
    'management_without_object',
    'management_without_registration',
    'object_without_management',
    'object_without_registration',
    'partner_view_without_registration',
    'registration_untagged',
    'registration_without_object',
  ];

  it('finds one orphan of each class with what each store said, and nothing else', async () => {
    const tenantId = await aTenantWithOrphans();
    expect(await scan(tenantId)).toEqual({ found: each.length });
    expect(await classes(tenantId)).toEqual(each);
    const findings = await open(tenantId);
    expect(findings.some((finding) => finding.serial_number === 'WELL')).toBe(false);
    for (const finding of findings) expect(Object.keys(finding.evidence).length).toBeGreaterThan(1);
  });

  it('notes on the way when registered devices were first seen, once', async () => {
    const tenantId = await aTenantWithOrphans();
    const noted = async () =>
      (
        await registry.admin.query(
          `select d.serial_number, s.seen_at from registry.device_first_seen s join registry.device d on d.id = s.device_id
           where s.tenant_id = $1`,
          [tenantId],
        )
      ).rows;
    await scan(tenantId);
    const first = await noted();
    expect(first).toEqual([{ serial_number: 'WELL', seen_at: expect.any(Date) }]);
    await registry.admin.query(
      `update management.managed_device set enrolled_at = enrolled_at + interval '1 day' where tenant_id = $1`,
      [tenantId],
    );
    await scan(tenantId);
    expect(await noted()).toEqual(first);
    const { rows } = await registry.admin.query(
      `select data from registry.audit_event where tenant_id = $1 and action = 'devices.first-seen'`,
      [tenantId],
    );
    expect(rows).toEqual([{ data: { devices: 1 } }]);
  });

  it('finds the same again as the same, and says when one is gone', async () => {
    const tenantId = await aTenantWithOrphans();
    await scan(tenantId);
    const before = await open(tenantId);
    await scan(tenantId);
    expect((await open(tenantId)).map(({ subject }) => subject).sort()).toEqual(
      before.map(({ subject }) => subject).sort(),
    );
    const shown = before.find((finding) => finding.class === 'partner_view_without_registration')!;
    await neighbours.partnerView.hide(randomUUID(), tenantId, [shown.subject]);
    await apply();
    await scan(tenantId);
    expect(await classes(tenantId)).toEqual(each.filter((name) => name !== shown.class));
  });

  it('repairs what it may, and what it may not stays found', async () => {
    const tenantId = await aTenantWithOrphans();
    const { found } = await scan(tenantId, repairableOrphans);
    expect(await classes(tenantId)).toEqual(each.filter((name) => !repairableOrphans.includes(name as OrphanClass)));
    expect(found).toBe(each.length - repairableOrphans.length);
    const { rows } = await registry.admin.query(
      `select o.physical_ids from directory.device_object o join registry.device d on d.id = o.registration_id
       where d.tenant_id = $1 and d.serial_number in ('NO-OBJECT', 'UNTAGGED')`,
      [tenantId],
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.physical_ids).toContain('[OrderId]:Kiosk');
  });

  it('says nothing of a device that is in a run’s hands, or that is only just being registered', async () => {
    const tenantId = await registry.aTenant();
    const held = await aRegistration(tenantId, 'HELD');
    const fresh = await aRegistration(tenantId, 'FRESH');
    await registry.admin.query(
      `insert into registry.device_reservation (tenant_id, device_id, run_id, kind)
       select tenant_id, id, source_run_id, 'deregistration' from registry.device where id = $1`,
      [held],
    );
    await forget('registry.device_directory_object', fresh, 'device_id');
    for (const id of [held, fresh]) await forget('directory.device_object', id, 'registration_id');
    expect(await scan(tenantId)).toEqual({ found: 0 });
  });

  it('says nothing of a device that opted out: it stays enrolled without its registration', async () => {
    const tenantId = await registry.aTenant();
    const id = await aRegistration(tenantId, 'OPTED-OUT');
    await enrolDevices(neighboursPool, tenantId, [{ registrationId: id, serialNumber: 'OPTED-OUT' }]);
    await registry.admin.query(
      `insert into registry.opted_out_device (tenant_id, device_id, serial_number, run_id)
       select tenant_id, id, serial_number, source_run_id from registry.device where id = $1`,
      [id],
    );
    await forget('registry.device', id);
    await neighbours.directory.release(randomUUID(), tenantId, [id]);
    await apply();
    expect(await scan(tenantId)).toEqual({ found: 0 });
  });

  it('shows nothing of another tenant', async () => {
    await aTenantWithOrphans();
    expect(await scan(await registry.aTenant())).toEqual({ found: 0 });
  });

  it('is one scan while it waits or runs, and the schedule asks for no second one', async () => {
    const tenantId = await registry.aTenant();
    const request = () => inTenant(worker, tenantId, (client) => requestOrphanScan(askOf(client), tenantId, 'test'));
    const first = await request();
    expect(first.isNew).toBe(true);
    expect(await request()).toEqual({ runId: first.runId, isNew: false });
    const [least] = await listActiveTenants(worker, null, 1);
    expect(await listActiveTenants(worker, null, 1_000)).toContain(tenantId);
    expect(await listActiveTenants(worker, least!, 1_000)).not.toContain(least);
    await requestScheduledScan(worker, tenantId);
    await openScan(worker, { ...first, tenantId });
    await closeScan(worker, { ...first, tenantId });
    await requestScheduledScan(worker, tenantId);
    const { rows } = await registry.admin.query(
      `select r.id, a.actor from registry.run r left join registry.audit_event a on a.object = 'run/' || r.id and a.action = 'orphans.scan'
       where r.tenant_id = $1 order by r.id`,
      [tenantId],
    );
    expect(rows.map((row) => row.actor)).toEqual([null, 'service:schedule']);
  });
});
