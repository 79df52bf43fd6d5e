import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeHardwareHash, toSnapshot, type Snapshot } from '@groundcrew/matching';
import type pg from 'pg';
import { aDevice, digests, hashOf, register, workshop } from '../../../../test/support/hardware.js';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import type { Device } from '../../../../tools/fleet/src/device.js';
import { findChangedHardware, hasChangedHardware, lookAgain } from './look-again.js';

const now = 1_790_000_000;

describe('hardware that changed under a registration', () => {
  let registry: Registry;
  let worker: pg.Pool;
  let owner: { tenantId: string; partnerId: string };
  let device: Device;
  let deviceId: string;
  let seed = 820;

  registrySuite('worker', 4, (opened) => ({ registry, pool: worker } = opened));
  beforeEach(async () => {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    owner = { tenantId, partnerId };
    device = aDevice(
      (seed += 1),
      ({ board, radio, model }) => board.tpm !== null && radio?.soldered === false && model.vendor === 'hp',
    );
    deviceId = (await register(worker, registry, owner, [hashOf(device)]))[0]!.deviceId!;
  });

  const standing = async () => {
    const { rows } = await registry.admin.query(
      `select remediation, remediation_at is not null as since, state from registry.device_assignment where device_id = $1`,
      [deviceId],
    );
    return rows[0];
  };
  const send = (seen: Device, at?: number) => register(worker, registry, owner, [hashOf(seen, at)]);
  function snapshotOf(seen: Device, at = now): Snapshot {
    const decoded = decodeHardwareHash(hashOf(seen, at), digests);
    if (!decoded.ok || decoded.value.report === null) throw new Error('the hash cannot be read');
    return toSnapshot(decoded.value.report, decoded.value.level);
  }
  const answers = (seen: Device | null, at = now) =>
    lookAgain(
      worker,
      { sealer: registry.sealer, digests },
      { tenantId: owner.tenantId, deviceId },
      seen === null ? null : snapshotOf(seen, at),
      at,
    );
  const audited = async () =>
    (
      await registry.admin.query<{ action: string; data: { remediation?: string; changedHardware?: string[] } }>(
        `select action, data from registry.audit_event where tenant_id = $1 order by seq`,
        [owner.tenantId],
      )
    ).rows;

  it('is a fix that is pending once somebody sends its identity on another board, and nothing for the same hardware', async () => {
    expect(await send(device, now)).toMatchObject([{ verdict: 'already_registered' }]);
    expect(await send(workshop.newDisk(device), now)).toMatchObject([{ verdict: 'already_registered' }]);
    expect(await standing()).toBeUndefined();
    expect(await hasChangedHardware(worker, owner.tenantId)).toBe(false);

    expect(await send(workshop.newBoard(device), now)).toMatchObject([
      { verdict: 'needs_review', detail: { deviceId } },
    ]);
    expect(await standing()).toEqual({ remediation: 'fix_pending', since: true, state: 'unassigned' });
    expect(await hasChangedHardware(worker, owner.tenantId)).toBe(true);
    const named = { deviceId, serialNumber: expect.any(String) };
    expect(await findChangedHardware(worker, owner.tenantId, [deviceId], [])).toEqual([named]);
    expect((await audited()).at(-1)).toMatchObject({
      action: 'devices.register',
      data: { changedHardware: [deviceId] },
    });
  });

  it('is no more once the device says that it is what was registered; what was replaced in it is followed', async () => {
    await send(workshop.newBoard(device), now);
    const repaired = workshop.newDisk(device);
    expect(await answers(repaired)).toBeNull();
    expect(await standing()).toEqual({ remediation: null, since: false, state: 'unassigned' });
    const { rows } = await registry.admin.query(
      'select count(*)::int as n from registry.snapshot_refresh where device_id = $1',
      [deviceId],
    );
    expect(rows).toEqual([{ n: 1 }]);
    expect(await answers(repaired, now + 5)).toBeNull();
    const seen = (await audited()).filter(({ action }) => action === 'device.hardware-seen');
    expect(seen.map(({ data }) => data)).toEqual([{ remediation: null }]);
  });

  it('wants attention once the device says that it is another, until it says otherwise; files change nothing then', async () => {
    const replaced = workshop.newBoard(device);
    await send(replaced, now);
    expect(await answers(replaced)).toBe('attention_required');
    await send(replaced, now + 10);
    expect(await standing()).toMatchObject({ remediation: 'attention_required', since: true });
    // The old board is put back.
    expect(await answers(device, now + 20)).toBeNull();
    expect(await standing()).toMatchObject({ remediation: null });
  });

  it('wants attention where what the device says cannot be read, and where too much of it is new', async () => {
    expect(await answers(null)).toBe('attention_required');
    expect(await answers(device)).toBeNull();
    let seen = device;
    for (let month = 0; month < 3; month += 1)
      expect(await answers((seen = workshop.newDisk(seen)), now + month)).toBeNull();
    expect(await answers(workshop.newDisk(seen), now + 4)).toBe('attention_required');
  });

  it('is not what a partner says of a device that the tenant registered itself', async () => {
    await registry.admin.query(`update registry.device set registrar_kind = 'tenant' where id = $1`, [deviceId]);
    expect(await send(workshop.newBoard(device), now)).toMatchObject([{ verdict: 'needs_review' }]);
    expect(await standing()).toBeUndefined();
  });
});
