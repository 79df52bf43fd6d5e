import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeHardwareHash,
  evidenceKeys,
  planRefresh,
  toSnapshot,
  type RefreshPlan,
  type Snapshot,
} from '@groundcrew/matching';
import type pg from 'pg';
import { aDevice, digests, hashOf, register, workshop } from '../../../../test/support/hardware.js';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import type { Device } from '../../../../tools/fleet/src/device.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import {
  devicePopulation,
  findCandidates,
  snapshotContext,
  type AskSql,
  type FoundCandidate,
} from './candidate-index.js';
import { groupsSeenElsewhere, identify } from './identify.js';
import { gatherKeys } from './report-keys.js';
import { applyRefreshPlan, loadRecentRefreshes, takeBackRefresh, type RefreshOutcome } from './snapshot-refreshes.js';

const day = 86_400;
const now = 1_790_000_000;

describe('refreshing what a device looks like', () => {
  let registry: Registry;
  let worker: pg.Pool;
  let owner: { tenantId: string; partnerId: string };
  let device: Device;
  let deviceId: string;
  let seed = 720;

  registrySuite('worker', 4, (opened) => ({ registry, pool: worker } = opened));
  beforeAll(async () => {
    owner = await aCustomer();
  });
  beforeEach(async () => {
    device = aDevice(
      (seed += 1),
      ({ board, radio, model }) => board.tpm !== null && radio?.soldered === false && model.vendor === 'hp',
    );
    deviceId = (await register(worker, registry, owner, [hashOf(device)]))[0]!.deviceId!;
  });

  async function aCustomer() {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    return { tenantId, partnerId };
  }
  const tools = () => ({ sealer: registry.sealer, digests });
  const inOwner = <Result>(work: (client: pg.PoolClient) => Promise<Result>) => inTenant(worker, owner.tenantId, work);
  const askWith =
    (client: pg.PoolClient): AskSql =>
    async (sql, values) =>
      (await client.query(sql, [...values])).rows;

  function snapshotOf(seen: Device, at = now): Snapshot {
    const decoded = decodeHardwareHash(hashOf(seen, at), digests);
    if (!decoded.ok || decoded.value.report === null) throw new Error('the hash cannot be read');
    return toSnapshot(decoded.value.report, decoded.value.level);
  }
  async function candidatesFor(client: pg.PoolClient, observed: Snapshot): Promise<FoundCandidate[]> {
    return (
      (await findCandidates(askWith(client), registry.sealer, gatherKeys([[0, evidenceKeys(observed, digests)]]))).get(
        0,
      ) ?? []
    );
  }
  async function planFor(client: pg.PoolClient, seen: Device, at = now): Promise<RefreshPlan> {
    const observed = snapshotOf(seen, at);
    const found = await candidatesFor(client, observed);
    const decision = identify(observed, found, await devicePopulation(askWith(client)));
    const { confirmed } = found.find((each) => each.deviceId === decision.deviceId)!;
    const refreshes = await loadRecentRefreshes(client, registry.sealer, deviceId, at);
    return planRefresh(
      decision.candidates[0]!,
      observed,
      confirmed,
      { refreshes, lastSeenElsewhere: groupsSeenElsewhere(found, deviceId) },
      at,
    );
  }
  const refresh = (seen: Device, at = now): Promise<RefreshOutcome> =>
    inOwner(async (client) => applyRefreshPlan(client, tools(), owner.tenantId, await planFor(client, seen, at)));
  const state = async () => {
    const { rows } = await registry.admin.query(
      'select enrolled, confirmed from registry.device_snapshot where device_id = $1',
      [deviceId],
    );
    const keys = await registry.admin.query(
      'select key, kind from registry.candidate_key where device_id = $1 order by kind, key',
      [deviceId],
    );
    const open = (sealed: Buffer | null) =>
      sealed === null ? null : registry.sealer.open(sealed, snapshotContext(deviceId)).toString();
    return { enrolled: open(rows[0].enrolled), confirmed: open(rows[0].confirmed), keys: keys.rows };
  };

  it('follows a new disk: snapshot and keys change, the enrolment does not', async () => {
    const before = await state();
    const repaired = workshop.newDisk(device);
    expect(await refresh(repaired)).toMatchObject({ kind: 'refreshed' });
    const after = await state();
    expect(after.enrolled).toBe(before.enrolled);
    expect(JSON.parse(after.confirmed!).systemDisks).toEqual(snapshotOf(repaired).systemDisks);
    const expected = evidenceKeys(snapshotOf(repaired), digests).map(({ key }) => key.toString());
    expect(after.keys.map(({ key }) => key).sort()).toEqual(expected.sort());
    expect(await refresh(repaired)).toEqual({ kind: 'nothing_to_refresh' });
  });

  it('restores snapshot and keys exactly when it is taken back, once', async () => {
    const before = await state();
    const outcome = await refresh(workshop.newDisk(workshop.newRadio(device)));
    if (outcome.kind !== 'refreshed') throw new Error(outcome.kind);
    expect(outcome.refreshIds).toHaveLength(2);
    expect(await state()).not.toEqual(before);
    const takeBack = (id: string) => inOwner((client) => takeBackRefresh(client, tools(), owner.tenantId, id));
    for (const id of outcome.refreshIds) expect(await takeBack(id)).toEqual({ kind: 'taken_back' });
    expect(await state()).toEqual(before);
    expect(await takeBack(outcome.refreshIds[0]!)).toEqual({ kind: 'taken_back_before' });
    expect(await inOwner((client) => loadRecentRefreshes(client, registry.sealer, deviceId, now))).toEqual([]);
  });

  it('is not taken back under a later refresh of the same part', async () => {
    const first = await refresh(workshop.newDisk(device));
    const second = await refresh(workshop.newDisk(device), now + day);
    if (first.kind !== 'refreshed' || second.kind !== 'refreshed') throw new Error('nothing was refreshed');
    const takeBack = (id: string) => inOwner((client) => takeBackRefresh(client, tools(), owner.tenantId, id));
    expect(await takeBack(first.refreshIds[0]!)).toEqual({ kind: 'overtaken' });
    expect(await takeBack(second.refreshIds[0]!)).toEqual({ kind: 'taken_back' });
    expect(await takeBack(first.refreshIds[0]!)).toEqual({ kind: 'taken_back' });
  });

  it('happens once when two reports come at the same time', async () => {
    const one = workshop.newDisk(device);
    const other = workshop.newDisk(device);
    const plans = await inOwner(async (client) => [await planFor(client, one), await planFor(client, other)]);
    const outcomes = await Promise.all(
      plans.map((plan) => inOwner((client) => applyRefreshPlan(client, tools(), owner.tenantId, plan))),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['overtaken', 'refreshed']);
    const { confirmed, keys } = await state();
    const expected = evidenceKeys(JSON.parse(confirmed!) as Snapshot, digests).map(({ key }) => key.toString());
    expect(keys.map(({ key }) => key).sort()).toEqual(expected.sort());
  });

  it('stops after three changes in a month, also where each plan alone would be allowed', async () => {
    const repaired = workshop.newDisk(workshop.newRadio(device));
    await refresh(repaired);
    const plans = await inOwner(async (client) => [
      await planFor(client, workshop.newDisk(repaired), now + day),
      await planFor(client, workshop.newRadio(repaired), now + day),
    ]);
    const apply = (plan: RefreshPlan) => inOwner((client) => applyRefreshPlan(client, tools(), owner.tenantId, plan));
    expect((await apply(plans[0]!)).kind).toBe('refreshed');
    expect((await apply(plans[1]!)).kind).toBe('too_many_changes');
    // A month later the earlier ones no longer count.
    expect(await refresh(workshop.newDisk(device), now + 40 * day)).toMatchObject({ kind: 'refreshed' });
  });

  it('does not take over a part that another registered device shows', async () => {
    const donor = aDevice((seed += 1), ({ board, model }) => board.tpm !== null && model.vendor === 'hp');
    await register(worker, registry, owner, [hashOf(donor)]);
    const plan = await inOwner((client) => planFor(client, { ...device, disk: donor.disk }));
    expect(plan).toMatchObject({
      events: [],
      review: true,
      held: [{ group: 'DISK', reason: 'seen-on-another-device' }],
    });
  });

  it('is invisible and impossible from another tenant', async () => {
    const outcome = await refresh(workshop.newDisk(device));
    if (outcome.kind !== 'refreshed') throw new Error(outcome.kind);
    const before = await state();
    const stranger = await aCustomer();
    const plan: RefreshPlan = await inOwner((client) => planFor(client, workshop.newRadio(device), now + day));
    const asStranger = <Result>(work: (client: pg.PoolClient) => Promise<Result>) =>
      inTenant(worker, stranger.tenantId, work);
    expect(await asStranger((client) => applyRefreshPlan(client, tools(), stranger.tenantId, plan))).toEqual({
      kind: 'no_snapshot',
    });
    expect(
      await asStranger((client) => takeBackRefresh(client, tools(), stranger.tenantId, outcome.refreshIds[0]!)),
    ).toEqual({ kind: 'unknown' });
    await asStranger((client) =>
      client.query('select registry.replace_candidate_keys($1, $2, $3)', [deviceId, ['1'], [1]]),
    );
    expect(await state()).toEqual(before);
  });

  it('stands in the audit chain with its groups and none of its values', async () => {
    const repaired = workshop.newDisk(device);
    await refresh(repaired);
    const { rows } = await registry.admin.query(
      `select data from registry.audit_event where object = $1 and action = 'device.snapshot_refresh'`,
      [`device/${deviceId}`],
    );
    expect(rows).toEqual([{ data: { refreshes: [expect.any(String)], groups: ['DISK'], rule: 'A1' } }]);
  });
});
