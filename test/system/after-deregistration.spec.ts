import { endMisbehaviour, setMisbehaviour } from '@groundcrew/subsystems';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aProfile } from '../support/assigning.js';
import { openDeregistering, type Deregistering, type DeregisteringFleet } from '../support/deregistering.js';
import { findViolations, readHoldings, readTies } from '../support/deregistration-checker.js';
import { pause, startRunningStack, type RunningStack } from '../support/running-stack.js';
import { shortWaitsAtNeighbours } from '../support/short-waits.js';

/** What people do about devices that cannot go on, and about devices that are gone. */
describe('after devices were deregistered, or could not be', () => {
  let world: RunningStack;
  let deregistering: Deregistering;

  beforeAll(async () => {
    const waits = { GROUNDCREW_STEP_DEADLINE_MS: '1500', GROUNDCREW_OBSERVE_PATIENCE_MS: '400' };
    world = await startRunningStack('shared', { ...shortWaitsAtNeighbours, ...waits });
    deregistering = openDeregistering(world);
  }, 120_000);
  afterAll(async () => {
    await deregistering.close();
    await world.stop();
  });

  async function until<Value>(what: string, look: () => Promise<Value | null>): Promise<Value> {
    for (const deadline = Date.now() + 40_000; ; await pause(30)) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() > deadline) throw new Error(`${what} did not come`);
    }
  }
  const ended = ({ customer }: DeregisteringFleet, runId: string) =>
    until('the end', async () => {
      const { body } = await world.call(`/operations/${runId}`, customer.owner);
      return body.done ? body : null;
    });
  const devicesOf = async ({ customer }: DeregisteringFleet, runId: string) =>
    (await world.call(`/operations/${runId}/devices`, customer.owner)).body.value as {
      deviceId: string;
      state: string;
      step: string;
      difference: string | null;
    }[];
  const first = async <Row>(sql: string, values: unknown[]): Promise<Row> =>
    (await world.admin.query(sql, values)).rows[0] as Row;

  /** A run of six devices that all need a person at this act, which its neighbour never finishes. */
  async function stuckAt(neighbour: 'directory' | 'management', act: string, devices: number) {
    const fleet = await deregistering.aFleet(6);
    const { tenantId } = fleet.customer;
    const ties = await readTies(world.admin, tenantId, fleet.deviceIds);
    const before = await readHoldings(world.admin, tenantId, ties);
    await setMisbehaviour(deregistering.neighbours, [{ neighbour, act, kind: 'never_finishes', tenantId }], tenantId);
    const runId = await deregistering.begin(fleet);
    const stuck = await until('a person', async () => {
      const waiting = (await devicesOf(fleet, runId)).filter(({ state }) => state === 'needs_attention');
      return waiting.length === devices ? waiting : null;
    });
    const resolve = (body: object) => world.post(`/operations/${runId}/deviceResolutions`, fleet.customer.owner, body);
    const violations = () => findViolations(world.admin, tenantId, runId, before, ties);
    return { fleet, tenantId, runId, stuck, resolve, violations };
  }

  it('after the line: one device is skipped with a reason, the others with the same code are left as they are', async () => {
    const { fleet, tenantId, runId, stuck, resolve, violations } = await stuckAt('directory', 'release', 6);
    expect(stuck[0]).toMatchObject({ step: 'release_registration', difference: expect.stringMatching(/./) });
    const { deviceId } = stuck[0]!;
    const skip = { decision: 'skip', deviceIds: [deviceId] };
    expect((await resolve(skip)).body.code).toBe('deregistration.reason-missing');
    expect((await resolve({ ...skip, reason: 'the directory is being replaced' })).status).toBe(202);
    // Nobody goes back to what was skipped; that management lists it still is another question, and another skip.
    const courseOf = async (state: string, step: string) => {
      const now = (await devicesOf(fleet, runId)).find((device) => device.deviceId === deviceId)!;
      return now.state === state && now.step === step ? now : null;
    };
    await until('the list', () => courseOf('needs_attention', 'verify_gone'));
    expect((await resolve({ ...skip, reason: 'the directory is being replaced' })).status).toBe(202);
    await until('the skipped one at its end', () => courseOf('skipped', 'observe_directory_object'));
    const abandon = { decision: 'abandon', code: 'overdue', reason: 'the directory is being replaced' };
    expect((await resolve(abandon)).status).toBe(202);
    expect(await ended(fleet, runId)).toMatchObject({ status: 'Succeeded', subStatus: 'CompletedWithErrors' });
    const states = (await devicesOf(fleet, runId)).map(({ state }) => state);
    expect(states.filter((state) => state === 'abandoned')).toHaveLength(5);
    const { decisions } = await first<{ decisions: string[] }>(
      `select array_agg(distinct action || ': ' || (data ->> 'reason') order by action || ': ' || (data ->> 'reason')) as decisions
       from registry.audit_event where tenant_id = $1 and action in ('deregistration.skip', 'deregistration.abandon')`,
      [tenantId],
    );
    expect(decisions).toEqual(
      ['abandon', 'skip'].map((each) => `deregistration.${each}: the directory is being replaced`),
    );
    await endMisbehaviour(deregistering.neighbours, tenantId);
    expect(await violations()).toEqual([]);
    expect((await resolve(abandon)).body.code).toBe('deregistration.nothing-to-resolve');
  });

  it('before the line: all with the same code are skipped at once, go on, and keep what was skipped', async () => {
    const { fleet, tenantId, runId, stuck, resolve, violations } = await stuckAt('management', 'retire', 4);
    expect((await resolve({ decision: 'skip', code: 'overdue' })).body.code).toBe('deregistration.reason-missing');
    const reason = 'management is closed down next week';
    expect((await resolve({ decision: 'skip', code: 'overdue', reason })).status).toBe(202);
    expect(await ended(fleet, runId)).toMatchObject({ status: 'Succeeded', subStatus: 'CompletedWithErrors' });
    const states = new Map((await devicesOf(fleet, runId)).map((device) => [device.deviceId, device.state]));
    expect([...states].filter(([, state]) => state === 'skipped').map(([id]) => id)).toEqual(
      stuck.map(({ deviceId }) => deviceId),
    );
    expect([...states.values()].filter((state) => state === 'deregistered')).toHaveLength(2);
    const { skipped } = await first<{ skipped: string[] }>(
      `select array_agg(device_id::text order by device_id) as skipped from registry.deregistration_step
       where run_id = $1 and step = 'retire_management' and state = 'skipped' and why = $2`,
      [runId, reason],
    );
    expect(skipped).toEqual(stuck.map(({ deviceId }) => deviceId).sort());
    const { managed } = await first<{ managed: number }>(
      'select count(*)::int as managed from management.managed_device where tenant_id = $1',
      [tenantId],
    );
    expect(managed).toBe(4);
    expect(await violations()).toEqual([]);
    await endMisbehaviour(deregistering.neighbours, tenantId);
  });

  it('before the line: one device is abandoned and is as it was before, the others are tried again together', async () => {
    // Four of six are enrolled, and stand at their retirement.
    const { fleet, tenantId, runId, stuck, resolve, violations } = await stuckAt('management', 'retire', 4);
    const { deviceId } = stuck[0]!;
    await endMisbehaviour(deregistering.neighbours, tenantId).catch(() => undefined);
    expect((await resolve({ decision: 'retry', deviceIds: [randomUUID()] })).body.code).toBe(
      'deregistration.nothing-to-resolve',
    );
    expect((await resolve({ decision: 'abandon', deviceIds: [deviceId], reason: 'its user is on leave' })).status).toBe(
      202,
    );
    expect((await resolve({ decision: 'retry', code: 'overdue' })).status).toBe(202);
    await until('the others', async () => {
      const going = (await devicesOf(fleet, runId)).filter(({ state }) => state === 'going');
      return going.length === 0 ? true : null;
    });
    await resolve({ decision: 'abandon', code: 'not_as_before', reason: 'it enrols again' });
    expect((await ended(fleet, runId)).done).toBe(true);
    const states = new Map((await devicesOf(fleet, runId)).map((device) => [device.deviceId, device.state]));
    expect([...states.values()].filter((state) => state === 'deregistered')).toHaveLength(5);
    expect(['restored', 'abandoned']).toContain(states.get(deviceId));
    expect(await violations()).toEqual([]);
  });

  it('a cancel takes nothing back that may still happen: users are assigned again after their removal was worked through', async () => {
    const { fleet, tenantId, runId, violations } = await stuckAt('management', 'unassign_users', 5);
    await deregistering.cancel(fleet, runId);
    const undoing = await until('the undo', async () => {
      const { asked } = await first<{ asked: number }>(
        `select count(*)::int as asked from registry.deregistration_step where run_id = $1 and step = 'undo_unassign_user'`,
        [runId],
      );
      return asked > 0 ? asked : null;
    });
    expect(undoing).toBe(5);
    await until('its being late', async () => {
      const late = (await devicesOf(fleet, runId)).filter(({ difference }) =>
        difference?.includes('assigned its user'),
      );
      return late.length === 5 ? late : null;
    });
    const asked = 'select count(*)::int as asked from management.request where tenant_id = $1 and act = $2';
    expect(await first(asked, [tenantId, 'assign_users'])).toEqual({ asked: 1 });

    await deregistering.end(fleet, runId, 40_000, () => endMisbehaviour(deregistering.neighbours, tenantId));
    const { users } = await first<{ users: number }>(
      'select count(*)::int as users from management.assigned_user where tenant_id = $1',
      [tenantId],
    );
    expect(users).toBe(5);
    expect(await violations()).toEqual([]);
  });

  it('a restore brings tag, user, name, profile, groups and order back, and reads the user back in management', async () => {
    const fleet = await deregistering.aFleet(4);
    const { tenantId, partnerId, owner, pipeline } = fleet.customer;
    const [deviceId] = fleet.deviceIds as [string];
    await world.admin.query(
      `insert into registry.device_designation (tenant_id, device_id, assigned_user, display_name)
       values ($1, $2, 'ada@contoso.example', 'ADA-01')`,
      [tenantId, deviceId],
    );
    const groupId = randomUUID();
    await world.admin.query(
      `insert into registry.device_group (tenant_id, id, display_name) values ($1, $2, 'Named')`,
      [tenantId, groupId],
    );
    await world.admin.query(
      `insert into registry.device_group_member (tenant_id, group_id, device_id, added_by) values ($1, $2, $3, 'test')`,
      [tenantId, groupId, deviceId],
    );
    const profileId = await aProfile({ registry: { admin: world.admin } as never }, tenantId, { included: [groupId] });
    const ties = await readTies(world.admin, tenantId, fleet.deviceIds);
    const before = await readHoldings(world.admin, tenantId, ties);
    const orderOf = async () => {
      const { body } = await world.call(`/partners/${partnerId}/orders`, pipeline);
      return (await world.call(`/partners/${partnerId}/orders/${body.value[0].id}`, pipeline)).body.reconciliation;
    };
    const deviceNow = async () => (await world.call(`/tenants/${tenantId}/devices/${deviceId}`, owner)).body;
    const shown = await deviceNow();
    expect(await orderOf()).toMatchObject({ registered: 4 });

    const runId = await deregistering.begin(fleet);
    await deregistering.end(fleet, runId, 40_000);
    expect(await orderOf()).toMatchObject({ registered: 0 });

    const restored = await world.post(`/operations/${runId}/restorations`, owner, {});
    expect(restored.status).toBe(202);
    expect(await ended(fleet, restored.body.id)).toMatchObject({ status: 'Succeeded', verdicts: { registered: 4 } });
    const after = await readHoldings(world.admin, tenantId, ties);
    for (const id of fleet.deviceIds) {
      // What management has let go of enrols again; everything that the registration had is there.
      const { registered, hash, claims, keys, snapshot, user } = before.get(id)!;
      expect(after.get(id)).toMatchObject({ registered, hash, claims, keys, snapshot, user, reserved: false });
    }
    expect([...after.values()].filter(({ user }) => user !== null)).toHaveLength(3);
    expect(await orderOf()).toMatchObject({ registered: 4 });
    const back = await deviceNow();
    for (const field of [
      'serialNumber',
      'groupTag',
      'purchaseOrderIdentifier',
      'assignedUserPrincipalName',
      'displayName',
    ])
      expect([field, back[field]]).toEqual([field, shown[field]]);
    expect(back).toMatchObject({ groupTag: 'Kiosk', displayName: 'ADA-01' });
    const profile = await until('the profile', async () => {
      const row = await first<{ profile_id: string | null } | undefined>(
        'select profile_id from registry.device_assignment where tenant_id = $1 and device_id = $2',
        [tenantId, deviceId],
      );
      return row?.profile_id ?? null;
    });
    expect(profile).toBe(profileId);
  });

  it('a maker takes back what it registered with an order that names no tenant, and enrolment stays', async () => {
    const fleet = await deregistering.aFleet(3);
    const { tenantId, partnerId, pipeline } = fleet.customer;
    const { names } = await first<{ names: object[] }>(
      `select jsonb_agg(jsonb_build_object('serialNumber', serial_number, 'manufacturer', manufacturer, 'model', model)) as names
       from registry.device where tenant_id = $1`,
      [tenantId],
    );
    const ordered = await world.post(`/partners/${partnerId}/orders`, pipeline, { tenantId: '', devices: names });
    expect(ordered.body.plans).toMatchObject([{ tenantId, path: 'oem', devices: 3, blocked: 0 }]);
    const planId = ordered.body.plans[0].id;
    const executed = await world.post(`/partners/${partnerId}/deregistrations`, pipeline, { tenantId, planId });
    expect(executed.status).toBe(202);
    // A third was never enrolled: nothing keeps its object.
    expect(await ended(fleet, executed.body.id)).toMatchObject({
      status: 'Succeeded',
      verdicts: { deregistered: 1, deregistered_kept: 2 },
    });
    const { managed } = await first<{ managed: number }>(
      'select count(*)::int as managed from management.managed_device where tenant_id = $1',
      [tenantId],
    );
    expect(managed).toBe(2);
  });

  it('a restore says whose user is not assigned again, and registers the device all the same', async () => {
    const fleet = await deregistering.aFleet(1);
    const { tenantId, owner } = fleet.customer;
    const runId = await deregistering.begin(fleet);
    await deregistering.end(fleet, runId, 40_000);
    // Somebody takes the user away again as soon as he is assigned.
    await world.admin.query(
      `create function management.test_nobody() returns trigger language plpgsql as $$ begin return null; end $$;
       create trigger test_nobody before insert on management.assigned_user for each row execute function management.test_nobody();`,
    );
    const restored = await world.post(`/operations/${runId}/restorations`, owner, {});
    const run = await ended(fleet, restored.body.id);
    await world.admin.query('drop function management.test_nobody() cascade');
    expect(run).toMatchObject({ status: 'Succeeded', verdicts: { registered: 1 } });
    const items = (await world.call(`/operations/${restored.body.id}/items`, owner)).body.value;
    expect(items[0]).toMatchObject({ verdict: 'registered', message: expect.stringMatching(/now nobody is/) });
    expect(items[0].message).toContain('@contoso.example');
    const [holding] = [
      ...(
        await readHoldings(world.admin, tenantId, [
          { id: fleet.deviceIds[0]!, managedDeviceId: null, computerObjectId: null },
        ])
      ).values(),
    ];
    expect(holding).toMatchObject({ registered: true, user: null });
  });
});
