import { beforeAll, describe, expect, it } from '@jest/globals';
import { fileChunk, inTenant, loadOpenChunk, partContext, removeRegistrations } from '@groundcrew/persistence/without-orm';
import type pg from 'pg';
import {
  aDevice,
  digests,
  hashOf,
  namesOf,
  register,
  registerRows,
  workshop,
} from '../../../../test/support/hardware.js';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import type { Device } from '../../../../tools/fleet/src/device.js';
import { decideHardwareReport } from './decide-hardware-report.js';

describe('a maker’s upload', () => {
  let registry: Registry;
  let worker: pg.Pool;
  let maker: string;
  let owner: { tenantId: string; partnerId: string };

  registrySuite('worker', 4, (opened) => ({ registry, pool: worker } = opened));
  beforeAll(async () => {
    maker = await registry.aPartner();
    owner = { tenantId: await registry.aTenant(), partnerId: await registry.aPartner() };
    await registry.aConsent(owner.tenantId, owner.partnerId);
  });

  const tuple = (serialNumber: string) => ({ manufacturer: 'Fabrikam', model: 'Book 5', serialNumber });
  const withTpm = (seed: number): Device => aDevice(seed, (device) => device.board.tpm !== null);

  /** Uploads rows as a maker would, and tells each line's verdict. */
  async function upload(rows: object[], by = maker) {
    const runId = await registry.anOrder({
      tenantId: by,
      partnerId: by,
      parts: [rows.map((row) => JSON.stringify(row))],
      kind: 'hardware_report',
    });
    const key = { runId, tenantId: by, chunk: 1 };
    const open = (await loadOpenChunk(worker, key))!;
    const body = registry.sealer.open(open.sealedBody, partContext(runId, 1));
    const tools = { sealer: registry.sealer, digests, nowMs: Date.now() };
    await fileChunk(worker, key, decideHardwareReport(by, open, body, tools));
    const { rows: items } = await registry.admin.query(
      'select line, verdict, detail from registry.run_item where run_id = $1 order by line',
      [runId],
    );
    return items as { line: number; verdict: string; detail: Record<string, unknown> | null }[];
  }
  const verdictsOf = (items: { verdict: string }[]) => items.map(({ verdict }) => verdict);
  const order = (...rows: object[]) => registerRows(worker, registry, owner, rows);

  it('is kept on file and gives each row its verdict', async () => {
    const device = withTpm(601);
    const items = await upload([
      { ...tuple('MK601'), hardwareIdentifier: hashOf(device) },
      { ...tuple('MK601'), hardwareIdentifier: hashOf(device, 1_767_700_000) },
      tuple('MK602'),
      { hardwareIdentifier: 'QUJD' },
    ]);
    expect(verdictsOf(items)).toEqual(['uploaded', 'duplicate_in_file', 'hash_invalid', 'hash_invalid']);
    expect(items[1]!.detail).toEqual({ repeats: 1 });
    const { rows } = await registry.admin.query(
      `select (select count(*)::int from registry.hardware_on_file where partner_id = $1 and serial_number = 'MK601') as kept,
              (select count(*)::int from registry.device where serial_number like 'MK60%') as devices`,
      [maker],
    );
    expect(rows[0]).toEqual({ kept: 1, devices: 0 });
  });

  it('lets an order name the device, exactly as its maker does; the device gets the maker’s hash', async () => {
    const device = withTpm(603);
    const productKey = '3300000000603';
    await upload([{ ...tuple('MK603'), productKey, hardwareIdentifier: hashOf(device) }]);
    const [wrongCase, unknown, right, again, byKey] = await order(
      { ...tuple('mk603') },
      { productKey: '3300000000000' },
      tuple('MK603'),
      { hardwareIdentifier: hashOf(device) },
      { productKey },
    );
    expect(wrongCase).toMatchObject({ verdict: 'not_on_file', detail: { code: 'maker.not-on-file' } });
    expect(unknown).toMatchObject({ verdict: 'not_on_file' });
    // The hash in the same file is the same device, whoever of them came first.
    expect([right!.verdict, again!.verdict, byKey!.verdict].sort()).toEqual([
      'duplicate_in_file',
      'duplicate_in_file',
      'registered',
    ]);
    const registered = [right, again, byKey].find((row) => row!.verdict === 'registered')!;
    const { rows } = await registry.admin.query(
      'select original_length from registry.device_hash where device_id = $1',
      [registered.deviceId],
    );
    expect(rows[0].original_length).toBe(Buffer.from(hashOf(device), 'base64').length);
  });

  it('of two devices under one name is not unique', async () => {
    await upload([{ ...tuple('MK604'), hardwareIdentifier: hashOf(withTpm(604)) }]);
    await upload([{ ...tuple('MK604'), hardwareIdentifier: hashOf(withTpm(605)) }], await registry.aPartner());
    expect((await order(tuple('MK604')))[0]).toMatchObject({
      verdict: 'not_unique',
      detail: { code: 'maker.not-unique' },
    });
  });

  it('of one device by two makers, or twice by one, is one device; the last upload counts', async () => {
    const device = withTpm(606);
    await upload([{ ...tuple('MK606-typo'), hardwareIdentifier: hashOf(device) }]);
    await upload([{ ...tuple('MK606'), hardwareIdentifier: hashOf(device, 1_767_700_000) }]);
    await upload([{ ...tuple('MK606'), hardwareIdentifier: hashOf(device) }], await registry.aPartner());
    expect(verdictsOf(await order(tuple('MK606-typo'), tuple('MK606')))).toEqual(['not_on_file', 'registered']);
  });

  it('stays when the registration goes, and the device can be ordered again', async () => {
    await upload([{ ...tuple('MK607'), hardwareIdentifier: hashOf(withTpm(607)) }]);
    const [first] = await order(tuple('MK607'));
    await inTenant(worker, owner.tenantId, (client) => removeRegistrations(client, owner.tenantId, [first!.deviceId!]));
    expect(verdictsOf(await order(tuple('MK607')))).toEqual(['registered']);
  });

  it('does not name a device that was repaired since: that one is registered by its hash alone', async () => {
    const device = withTpm(608);
    const named = namesOf(device);
    await upload([{ ...named, hardwareIdentifier: hashOf(device) }]);
    const repaired = workshop.newBoard(device);
    expect(verdictsOf(await register(worker, registry, owner, [hashOf(repaired)]))).toEqual(['registered']);
    expect((await order(named))[0]).toMatchObject({ verdict: 'not_on_file', detail: { code: 'device.repaired' } });
    // What the maker uploads of the repaired device counts again.
    await upload([{ ...named, hardwareIdentifier: hashOf(repaired) }]);
    expect((await order(named))[0]!.verdict).not.toBe('registered');
  });

  it('is withheld when the maker is suspended before its rows are reached', async () => {
    const suspended = await registry.aPartner('suspended');
    const items = await upload([{ ...tuple('MK609'), hardwareIdentifier: hashOf(withTpm(609)) }], suspended);
    expect(items).toEqual([{ line: 1, verdict: 'withheld', detail: { message: 'partner.suspended' } }]);
  });

  it('never shares its space with a tenant', async () => {
    await expect(
      registry.admin.query(
        `insert into registry.tenant (id, kind, display_name) values ($1, 'organisation', 'Contoso')`,
        [maker],
      ),
    ).rejects.toThrow('cannot have the same id');
  });
});
