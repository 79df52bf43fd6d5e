import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { askOf } from '../bulk/ask-of.js';
import { freeDevices, heldByOthers, reserveDevices, type ReservationKind } from './device-reservations.js';

let registry: Registry;
let worker: pg.Pool;
let tenantId: string;

registrySuite('worker', 4, (opened) => ({ registry, pool: worker } = opened));
beforeAll(async () => {
  tenantId = await registry.aTenant();
});

async function aRun(kind: ReservationKind) {
  const runId = await registry.anOrder({ tenantId, partnerId: await registry.aPartner(), parts: [['{}']] });
  return { runId, tenantId, kind };
}
const reserve = (run: Awaited<ReturnType<typeof aRun>>, devices: string[]) =>
  inTenant(worker, tenantId, (client) => reserveDevices(askOf(client), run, devices));

describe('who excludes whom', () => {
  it('a device is in the middle of one run at most, and the other hears of which', async () => {
    const [deregistration, registration] = [await aRun('deregistration'), await aRun('registration')];
    const [mine, shared, theirs] = [randomUUID(), randomUUID(), randomUUID()] as const;
    expect(await reserve(deregistration, [mine, shared])).toEqual([]);
    expect(await reserve(registration, [shared, theirs])).toMatchObject([
      { deviceId: shared, runId: deregistration.runId, kind: 'deregistration' },
    ]);
    expect(await inTenant(worker, tenantId, (client) => heldByOthers(askOf(client), tenantId, [mine, theirs]))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ deviceId: mine, runId: deregistration.runId }),
        expect.objectContaining({ deviceId: theirs, runId: registration.runId }),
      ]),
    );
  });

  it('a run that asks again holds what it held', async () => {
    const run = await aRun('repair');
    const devices = [randomUUID(), randomUUID()];
    expect(await reserve(run, devices)).toEqual([]);
    expect(await reserve(run, devices)).toEqual([]);
    expect(await reserve(run, [devices[0]!, devices[0]!])).toEqual([]);
  });

  it('who waited for another sees what it decided, and two that want the same in opposite order both end', async () => {
    const runs = [await aRun('deregistration'), await aRun('restore')] as const;
    const devices = Array.from({ length: 50 }, () => randomUUID());
    const held = await Promise.all([reserve(runs[0], devices), reserve(runs[1], [...devices].reverse())]);
    expect(held.map((each) => each.length).sort((a, b) => a - b)).toEqual([0, 50]);
  });

  it('gives free some devices, or all that a run holds, and none of another run', async () => {
    const [first, second] = [await aRun('deregistration'), await aRun('restore')];
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()] as const;
    await reserve(first, [a, b]);
    await reserve(second, [c]);
    await inTenant(worker, tenantId, (client) => freeDevices(askOf(client), first, [a, c]));
    expect((await reserve(second, [a, b])).map((held) => held.deviceId)).toEqual([b]);
    await inTenant(worker, tenantId, (client) => freeDevices(askOf(client), first));
    expect(await reserve(second, [b])).toEqual([]);
    expect((await reserve(first, [a, c])).map((held) => held.runId)).toEqual([second.runId, second.runId]);
  });
});
