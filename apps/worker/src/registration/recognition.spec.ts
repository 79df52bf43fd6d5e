import { beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { aDevice, hashOf, register, registerRows, workshop } from '../../../../test/support/hardware.js';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { setTimeout as pause } from 'node:timers/promises';
import type { Device } from '../../../../tools/fleet/src/device.js';

const nextYear = 1_799_000_000;

describe('registering a device that is known already', () => {
  let registry: Registry;
  let worker: pg.Pool;
  let contoso: { tenantId: string; partnerId: string };
  let fabrikam: { tenantId: string; partnerId: string };

  registrySuite('worker', 4, (opened) => ({ registry, pool: worker } = opened));
  beforeAll(async () => {
    [contoso, fabrikam] = [await aCustomer(), await aCustomer()];
  });

  async function aCustomer() {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    return { tenantId, partnerId };
  }
  const order = (owner: typeof contoso, ...hashes: string[]) => register(worker, registry, owner, hashes);
  const withTpm = (seed: number) =>
    aDevice(
      seed,
      ({ board, radio, model }) =>
        board.tpm !== null && board.lanMac !== '' && radio?.soldered === false && model.vendor === 'lenovo',
    );

  it('tells the same hash, and the same line twice', async () => {
    const hash = hashOf(withTpm(741));
    const [first, second] = await order(contoso, hash, hash);
    expect(first).toMatchObject({ verdict: 'registered' });
    expect(second).toMatchObject({ verdict: 'duplicate_in_file', detail: { repeats: 1 } });
    expect(await order(contoso, hash)).toMatchObject([
      { verdict: 'already_registered', detail: { deviceId: first!.deviceId } },
    ]);
  });

  it('tells a fresh report after disk and Wi-Fi were replaced', async () => {
    const device = withTpm(742);
    const [registered] = await order(contoso, hashOf(device));
    const repaired = workshop.newDisk(workshop.newRadio(device));
    expect(await order(contoso, hashOf(repaired, nextYear))).toMatchObject([
      { verdict: 'already_registered', detail: { deviceId: registered!.deviceId } },
    ]);
  });

  it('tells another tenant that it is owned, and not whose', async () => {
    const device = withTpm(743);
    await order(contoso, hashOf(device));
    const fresh = hashOf(workshop.newDisk(workshop.newMemory(device)), nextYear);
    for (const hash of [hashOf(device), fresh]) {
      expect(await order(fabrikam, hash)).toEqual([
        expect.objectContaining({ verdict: 'owned_elsewhere', detail: null }),
      ]);
    }
  });

  it('asks a person about a new board with the old serial number written back', async () => {
    const device = withTpm(744);
    const [registered] = await order(contoso, hashOf(device));
    expect(await order(contoso, hashOf(workshop.newBoard(device)))).toMatchObject([
      { verdict: 'needs_review', detail: { deviceId: registered!.deviceId } },
    ]);
    // Not even a person elsewhere hears which device it resembles.
    expect(await order(fabrikam, hashOf(workshop.newBoard(device)))).toMatchObject([
      { verdict: 'needs_review', detail: null },
    ]);
  });

  it('recognises a device without TPM by UUID and Ethernet where no claim tells', async () => {
    const device = unnamed(745);
    const [registered] = await order(contoso, hashOf(device));
    expect(registered!.verdict).toBe('registered');
    const repaired = workshop.newMemory(device);
    expect(await order(contoso, hashOf(repaired, nextYear))).toMatchObject([
      { verdict: 'already_registered', detail: { deviceId: registered!.deviceId } },
    ]);
    expect(await order(fabrikam, hashOf(repaired, nextYear))).toMatchObject([
      { verdict: 'owned_elsewhere', detail: null },
    ]);
  });

  it('knows the same report again, also of a device with too little evidence for a decision', async () => {
    const device = aDevice(754, ({ board, model }) => board.tpm === null && model.vendor === 'white-box');
    // A placeholder for a UUID and no Ethernet: one identity is left, and one is a question at best.
    const uuid = '00020003000400050006000700080009';
    const poor = {
      ...device,
      serialNumber: 'WB7540021',
      radio: null,
      board: { ...device.board, uuid, lanMac: '', productKeyId: '' },
    };
    const [registered] = await order(contoso, hashOf(poor));
    expect(registered!.verdict).toBe('registered');
    expect(await order(contoso, hashOf(poor))).toMatchObject([
      { verdict: 'already_registered', detail: { deviceId: registered!.deviceId } },
    ]);
    expect(await order(fabrikam, hashOf(poor))).toMatchObject([{ verdict: 'owned_elsewhere', detail: null }]);
  });

  it('finds two reports of one device that makes no claim, in one file', async () => {
    const device = unnamed(752);
    const rows = await order(contoso, hashOf(device), hashOf(workshop.newMemory(device), nextYear));
    expect(rows).toMatchObject([{ verdict: 'registered' }, { verdict: 'duplicate_in_file', detail: { repeats: 1 } }]);
  });

  it('finds them also when two orders bring them at the same time', async () => {
    const device = unnamed(753);
    const rows = await Promise.all([
      order(contoso, hashOf(device)),
      order(fabrikam, hashOf(workshop.newMemory(device), nextYear)),
    ]);
    expect(
      rows
        .flat()
        .map(({ verdict }) => verdict)
        .sort(),
    ).toEqual(['owned_elsewhere', 'registered']);
  });

  it.each([
    ['with a claim and, before that is committed, without one', 755, true],
    ['without a claim and, before that is committed, with one', 756, false],
  ])('finds them when two orders bring one device %s', async (_, seed, claimFirst) => {
    const device = unnamed(seed);
    const claimed = { hardwareIdentifier: hashOf(device), productKey: `33000000000${seed}` };
    const bare = { hardwareIdentifier: hashOf(workshop.newMemory(device), nextYear) };
    // The first one has written everything and stands before its commit: somebody holds its tenant's audit head.
    const holder = await registry.admin.connect();
    await order(contoso, hashOf(withTpm(seed)));
    await holder.query('begin');
    await holder.query('select from registry.audit_head where tenant_id = $1 for update', [contoso.tenantId]);
    const first = registerRows(worker, registry, contoso, [claimFirst ? claimed : bare]);
    await until(async () => (await waiting()) === 1);
    let over = false;
    const second = registerRows(worker, registry, fabrikam, [claimFirst ? bare : claimed]).finally(() => (over = true));
    await until(async () => over || (await waiting()) === 2);
    await holder.query('rollback');
    holder.release();
    const rows = (await Promise.all([first, second])).flat();
    expect(rows.map(({ verdict }) => verdict)).toEqual(['registered', 'owned_elsewhere']);
  });

  it('lets orders that only bring claims go side by side', async () => {
    const holder = await registry.admin.connect();
    await order(contoso, hashOf(withTpm(757)));
    await holder.query('begin');
    await holder.query('select from registry.audit_head where tenant_id = $1 for update', [contoso.tenantId]);
    const first = order(contoso, hashOf(withTpm(758)));
    await until(async () => (await waiting()) === 1);
    expect(await order(fabrikam, hashOf(withTpm(759)))).toMatchObject([{ verdict: 'registered' }]);
    await holder.query('rollback');
    holder.release();
    expect(await first).toMatchObject([{ verdict: 'registered' }]);
  });

  /** How many of the worker's connections wait for a lock. */
  async function waiting(): Promise<number> {
    const { rows } = await registry.admin.query<{ waiting: number }>(
      `select count(*)::integer as waiting from pg_stat_activity
       where datname = current_database() and usename = 'groundcrew_worker' and wait_event_type = 'Lock'`,
    );
    return rows[0]!.waiting;
  }
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 15_000; !(await holds()); await pause(10))
      if (Date.now() > deadline) throw new Error('it never came to that');
  }

  it('does not merge white boxes that say nothing but placeholders', async () => {
    const rows = await order(contoso, hashOf(blank(746)), hashOf(blank(747)), hashOf(blank(748)));
    expect(rows.map(({ verdict }) => verdict)).toEqual(['registered', 'registered', 'registered']);
    expect(new Set(rows.map(({ deviceId }) => deviceId)).size).toBe(3);
  });

  it('does not take a device for the donor of its disk', async () => {
    const [donor, other] = [withTpm(749), withTpm(750)];
    await order(contoso, hashOf(donor));
    expect(await order(contoso, hashOf({ ...other, disk: donor.disk }))).toMatchObject([{ verdict: 'registered' }]);
  });

  it('leaves no claim and no key of a row that was not registered', async () => {
    const device = unnamed(751);
    const [registered] = await order(contoso, hashOf(device));
    await order(contoso, hashOf(workshop.newMemory(device), nextYear));
    const { rows } = await registry.admin.query(
      `select count(*)::integer as strays from registry.identity_claim c where not exists (select from registry.device d where d.id = c.device_id)
       union all
       select count(*)::integer from registry.candidate_key k where not exists (select from registry.device d where d.id = k.device_id)`,
    );
    expect(rows).toEqual([{ strays: 0 }, { strays: 0 }]);
    expect(registered!.verdict).toBe('registered');
  });
});

const noName = 'To Be Filled By O.E.M.';

/** A white box that names itself by its board alone: UUID and built-in Ethernet. */
function unnamed(seed: number): Device {
  const device = aDevice(
    seed,
    ({ board, model }) =>
      board.tpm === null && board.lanMac !== '' && model.vendor === 'white-box' && !board.uuid.startsWith('0002'),
  );
  return { ...device, serialNumber: noName, board: { ...device.board, productKeyId: '' } };
}

/** A white box in which nobody filled anything in. */
function blank(seed: number): Device {
  const device = unnamed(seed);
  return {
    ...device,
    radio: null,
    disk: { ...device.disk, ids: ['0000_0000_0000_0000.'] },
    board: { ...device.board, uuid: '00020003000400050006000700080009', serial: 'Default string', lanMac: '' },
  };
}
