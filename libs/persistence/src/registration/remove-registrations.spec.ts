import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { aDevice, hashOf, register } from '../../../../test/support/hardware.js';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { removeRegistrations } from './remove-registrations.js';

describe('removing registrations', () => {
  let registry: Registry;
  let worker: pg.Pool;
  let owner: { tenantId: string; partnerId: string };

  registrySuite('worker', 4, (opened) => ({ registry, pool: worker } = opened));
  beforeAll(async () => {
    owner = { tenantId: await registry.aTenant(), partnerId: await registry.aPartner() };
    await registry.aConsent(owner.tenantId, owner.partnerId);
  });

  const registered = async (...seeds: number[]) => {
    const rows = await register(
      worker,
      registry,
      owner,
      seeds.map((seed) => hashOf(aDevice(seed))),
    );
    return rows.map((row) => row.deviceId!);
  };
  const remove = (tenantId: string, ids: string[]) =>
    inTenant(worker, tenantId, (client) => removeRegistrations(client, tenantId, ids));
  const rowsOf = async (ids: string[]) => {
    const { rows } = await registry.admin.query(
      `select (select count(*)::int from registry.device where id = any ($1)) as devices,
              (select count(*)::int from registry.device_hash where device_id = any ($1)) as hashes,
              (select count(*)::int from registry.device_snapshot where device_id = any ($1)) as snapshots,
              (select count(*)::int from registry.candidate_key where device_id = any ($1)) as keys,
              (select count(*)::int from registry.identity_claim where device_id = any ($1)) as claims`,
      [ids],
    );
    return rows[0];
  };

  it('leaves nothing of the devices and says what was there, and touches no other device', async () => {
    const [one, two, other] = await registered(71, 72, 73);
    const before = await rowsOf([one!, two!]);
    await registry.admin.query(
      'insert into registry.device_directory_object (tenant_id, device_id, object_id) values ($1, $2, $3)',
      [owner.tenantId, one, randomUUID()],
    );
    const untouched = await rowsOf([other!]);

    const removed = await remove(owner.tenantId, [two!, one!]);

    expect(await rowsOf([one!, two!])).toEqual({ devices: 0, hashes: 0, snapshots: 0, keys: 0, claims: 0 });
    expect(await rowsOf([other!])).toEqual(untouched);
    expect(removed.map((each) => each.deviceId)).toEqual([one, two].sort());
    expect(removed.reduce((sum, each) => sum + each.keys.length, 0)).toBe(before.keys);
    expect(removed.reduce((sum, each) => sum + each.claims.length, 0)).toBe(before.claims);
    for (const each of removed) {
      expect(each.hash!.sealed.length).toBeGreaterThan(100);
      expect(each.snapshot!.enrolled.length).toBeGreaterThan(20);
    }
    const ofOne = removed.find((each) => each.deviceId === one)!;
    expect(ofOne.facts.device_directory_object).toHaveLength(1);
    expect(ofOne.device.serial_number).toEqual(expect.any(String));
  });

  it('finds nothing the second time', async () => {
    const ids = await registered(74);
    expect(await remove(owner.tenantId, ids)).toHaveLength(1);
    expect(await remove(owner.tenantId, ids)).toEqual([]);
  });

  it('lets the hardware be registered again, as another device', async () => {
    const ids = await registered(75);
    await remove(owner.tenantId, ids);
    const [again] = await registered(75);
    expect(again).toEqual(expect.any(String));
    expect(again).not.toBe(ids[0]);
  });

  it('does nothing to devices of another tenant', async () => {
    const ids = await registered(76);
    const before = await rowsOf(ids);
    expect(await remove(await registry.aTenant(), ids)).toEqual([]);
    expect(await rowsOf(ids)).toEqual(before);
  });

  it('never waits in a circle with whoever removes the same devices in another order', async () => {
    const ids = await registered(77, 78, 79, 80);
    const [first, second] = await Promise.all([
      remove(owner.tenantId, ids),
      remove(owner.tenantId, [...ids].reverse()),
    ]);
    expect(first.length + second.length).toBe(ids.length);
  });
});
