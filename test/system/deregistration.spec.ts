import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enrolDevices, type EnrollingDevice } from '@groundcrew/subsystems';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  devices,
  pause,
  startRunningStack,
  type Answer,
  type Customer,
  type RunningStack,
} from '../support/running-stack.js';

/** Deregistrations through the front door, on real servers, with neighbours that apply at once and chunks of a few devices. */
describe('a deregistration', () => {
  let world: RunningStack;
  let neighbours: pg.Pool;

  beforeAll(async () => {
    world = await startRunningStack('shared', {
      GROUNDCREW_DEREGISTRATION_CHUNK: '3',
      GROUNDCREW_SYNC_INTERVAL_MS: '0',
      GROUNDCREW_OBSERVE_PATIENCE_MS: '600',
      GROUNDCREW_STEP_DEADLINE_MS: '2500',
    });
    neighbours = world.admin;
  }, 120_000);
  afterAll(() => world.stop());

  interface Registered {
    id: string;
    serialNumber: string;
  }

  async function registered(count: number): Promise<{ customer: Customer; fleet: Registered[] }> {
    const customer = await world.aCustomer();
    const { lines } = devices(count, { groupTag: 'Kiosk' });
    const order = await world.submit(customer, lines);
    await world.finished(customer, order.id);
    const { body } = await world.call(`/tenants/${customer.tenantId}/devices?maxpagesize=500`, customer.owner);
    return { customer, fleet: body.value };
  }

  async function enrolled(customer: Customer, fleet: Registered[], more: Partial<EnrollingDevice> = {}) {
    return await enrolDevices(
      neighbours,
      customer.tenantId,
      fleet.map(({ id, serialNumber }) => ({ registrationId: id, serialNumber, ...more })),
    );
  }

  async function planned(customer: Customer, body: object): Promise<Answer> {
    return await world.post(`/tenants/${customer.tenantId}/deregistrations?dryRun=true`, customer.owner, {
      reason: 'end_of_life',
      ...body,
    });
  }

  const execute = (customer: Customer, planId: string, more: object = {}) =>
    world.post(`/tenants/${customer.tenantId}/deregistrations`, customer.owner, { planId, ...more });

  async function deregistered(customer: Customer, body: object, more: object = {}): Promise<string> {
    const plan = await planned(customer, body);
    expect(plan.status).toBe(201);
    const started = await execute(customer, plan.body.id, more);
    expect({ status: started.status, body: started.body }).toMatchObject({ status: 202 });
    return started.body.id;
  }

  async function until<Value>(what: string, look: () => Promise<Value | null>, patienceMs = 40_000): Promise<Value> {
    for (const deadline = Date.now() + patienceMs; ; await pause(30)) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() > deadline) throw new Error(`${what} did not come`);
    }
  }

  const run = (customer: Customer, id: string) => world.call(`/operations/${id}`, customer.owner);
  const finished = (customer: Customer, id: string) =>
    until('the end', async () => {
      const { body } = await run(customer, id);
      return body.done ? body : null;
    });
  const summary = async (customer: Customer, id: string) =>
    (await world.call(`/operations/${id}/deregistration`, customer.owner)).body;
  const ledgerOf = async (customer: Customer, id: string, deviceId: string) =>
    (await world.call(`/operations/${id}/ledger?deviceId=${deviceId}`, customer.owner)).body.value;
  const rows = async (sql: string, tenantId: string) =>
    (await world.admin.query<{ rows: number }>(sql, [tenantId])).rows[0]!.rows;
  const left = async (tenantId: string) => ({
    devices: await rows('select count(*)::int as rows from registry.device where tenant_id = $1', tenantId),
    managed: await rows('select count(*)::int as rows from management.managed_device where tenant_id = $1', tenantId),
    listed: await rows('select count(*)::int as rows from management.registered_device where tenant_id = $1', tenantId),
    objects: await rows('select count(*)::int as rows from directory.device_object where tenant_id = $1', tenantId),
    reserved: await rows(
      'select count(*)::int as rows from registry.device_reservation where tenant_id = $1',
      tenantId,
    ),
  });

  it('takes enrolled devices out everywhere, and the ledger says by whose answer', async () => {
    const { customer, fleet } = await registered(4);
    await enrolled(customer, fleet, { recoveryKeyEscrowed: true });
    await world.admin.query(
      `insert into registry.device_designation (tenant_id, device_id, assigned_user) values ($1, $2, 'ada@contoso.com')`,
      [customer.tenantId, fleet[0]!.id],
    );
    const plan = await planned(customer, { deviceIds: fleet.map(({ id }) => id) });
    const losses = { recoveryKeys: 4, assignedUsers: 1 };
    expect(plan.body).toMatchObject({ devices: 4, blocked: 0, losses, path: 'tenant_admin' });
    expect((await execute(customer, plan.body.id)).body.code).toBe('guard.recovery-keys');
    const started = await execute(customer, plan.body.id, { recoveryKeysReason: 'kept in the vault' });
    expect(started.status).toBe(202);
    expect(await finished(customer, started.body.id)).toMatchObject({
      kind: 'deregistration',
      status: 'Succeeded',
      subStatus: null,
      received: 4,
      decided: 4,
      verdicts: { deregistered: 4 },
    });
    expect(await left(customer.tenantId)).toEqual({ devices: 0, managed: 0, listed: 0, objects: 0, reserved: 0 });
    expect(
      await rows(
        'select count(*)::int as rows from registry.device_designation where tenant_id = $1',
        customer.tenantId,
      ),
    ).toBe(0);
    const ledger = await ledgerOf(customer, started.body.id, fleet[0]!.id);
    expect(ledger.map((row: { step: string; state: string }) => [row.step, row.state])).toEqual(
      [
        'retire_management',
        'remove_registration',
        'release_registration',
        'sync',
        'verify_gone',
        'observe_directory_object',
      ].map((step) => [step, 'observed']),
    );
    expect((await execute(customer, plan.body.id)).body).toMatchObject({
      code: 'plan.executed',
      operationId: started.body.id,
    });
  });

  it('by another path takes the registration alone, and says why the object stays', async () => {
    const { customer, fleet } = await registered(2);
    const [device, other] = fleet as [Registered, Registered];
    await enrolled(customer, [device]);
    const refused = await planned(customer, { path: 'microsoft_365', deviceIds: [device.id] });
    expect(refused.body).toMatchObject({ blocked: 1, steps: [] });
    expect((await execute(customer, refused.body.id)).body.code).toBe('plan.blocked');
    expect(
      await finished(customer, await deregistered(customer, { path: 'microsoft_365', deviceIds: [other.id] })),
    ).toMatchObject({ verdicts: { deregistered: 1 } });

    const optOut = await deregistered(customer, { reason: 'opt_out', deviceIds: [device.id] });
    expect(await finished(customer, optOut)).toMatchObject({ status: 'Succeeded', verdicts: { deregistered_kept: 1 } });
    const { body } = await world.call(`/operations/${optOut}/devices`, customer.owner);
    expect(body.value[0].keptBecause).toBe(
      'Kept, because the device is enrolled in management and the device is joined to the directory.',
    );
    expect(
      await rows('select count(*)::int as rows from registry.opted_out_device where tenant_id = $1', customer.tenantId),
    ).toBe(1);
    expect(await left(customer.tenantId)).toMatchObject({ devices: 0, managed: 1, objects: 1, reserved: 0 });
  });

  it('of a hybrid device takes the on-premises computer away, too', async () => {
    const { customer, fleet } = await registered(1);
    await enrolled(customer, fleet, { join: 'ServerAd' });
    const id = await deregistered(customer, { deviceIds: [fleet[0]!.id] });
    expect(await finished(customer, id)).toMatchObject({ verdicts: { deregistered: 1 } });
    expect((await ledgerOf(customer, id, fleet[0]!.id)).map((row: { step: string }) => row.step)).toContain(
      'remove_computer_object',
    );
    expect(await left(customer.tenantId)).toEqual({ devices: 0, managed: 0, listed: 0, objects: 0, reserved: 0 });
  });

  it('names devices exactly, and refuses a plan that reality has left behind', async () => {
    const { customer, fleet } = await registered(3);
    const [first, second, third] = fleet as [Registered, Registered, Registered];
    await world.admin.query('update registry.device set serial_number = $2 where id = $1', [
      second.id,
      first.serialNumber,
    ]);
    const ambiguous = await planned(customer, { serialNumbers: [first.serialNumber] });
    expect(ambiguous.body.code).toBe('plan.ambiguous');
    expect(ambiguous.body.errors[0].message).toContain(second.id);
    expect((await planned(customer, { deviceIds: [randomUUID()] })).body.code).toBe('plan.unknown-devices');

    const plan = await planned(customer, { serialNumbers: [third.serialNumber] });
    await enrolled(customer, [third]);
    const moved = await execute(customer, plan.body.id);
    expect(moved.body).toMatchObject({ code: 'plan.reality-moved' });
    expect(moved.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      `/devices/${third.id}/managedDeviceId`,
    ]);

    await world.post(`/tenants/${customer.tenantId}/devices/${third.id}/hold`, customer.owner, {
      kind: 'legal_hold',
      reason: 'a case',
    });
    const held = await planned(customer, { deviceIds: [third.id] });
    expect(held.body).toMatchObject({ blocked: 1 });
    const filtered = await planned(customer, { filter: { groupTag: 'Kiosk' } });
    expect(filtered.body).toMatchObject({ devices: 3, byFilter: true });
  });

  it('of many devices needs a second person', async () => {
    const { customer, fleet } = await registered(2);
    const guards = await world.call(`/tenants/${customer.tenantId}/deregistrationGuards`, customer.owner);
    const changed = await world.call(`/tenants/${customer.tenantId}/deregistrationGuards`, customer.owner, {
      method: 'PATCH',
      body: JSON.stringify({ secondPersonAbove: 1 }),
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'if-match': guards.body.etag },
    });
    expect(changed.body).toMatchObject({ secondPersonAbove: 1, mostPerRun: guards.body.mostPerRun });
    const plan = await planned(customer, { deviceIds: fleet.map(({ id }) => id) });
    expect((await execute(customer, plan.body.id)).body.code).toBe('guard.second-person');
    const approvals = `/tenants/${customer.tenantId}/deregistrationPlans/${plan.body.id}/approvals`;
    expect((await world.post(approvals, customer.owner, {})).body.code).toBe('plan.own-approval');
    const colleague = await world.stack.mintToken({
      role: 'Device.Administrator',
      tid: customer.tenantId,
      oid: randomUUID(),
    });
    expect((await world.post(approvals, colleague, {})).status).toBe(200);
    const started = await execute(customer, plan.body.id);
    expect(await finished(customer, started.body.id)).toMatchObject({ verdicts: { deregistered: 2 } });
  });

  describe('that is cancelled', () => {
    /** Keeps the device's registration from being removed until it is let go. */
    async function holding<Result>(deviceId: string, work: () => Promise<Result>): Promise<Result> {
      const client = await world.admin.connect();
      await client.query('begin');
      await client.query('select 1 from registry.device where id = $1 for update', [deviceId]);
      try {
        return await work();
      } finally {
        await client.query('rollback');
        client.release();
      }
    }

    const cancel = (customer: Customer, id: string) =>
      world.post(`/operations/${id}/cancellations`, customer.owner, {});

    it('within its undo window leaves everything as it was', async () => {
      const { customer, fleet } = await registered(4);
      await enrolled(customer, fleet);
      const before = await left(customer.tenantId);
      const id = await deregistered(customer, { deviceIds: fleet.map((device) => device.id) }, { graceSeconds: 600 });
      await until('the window', async () => ((await run(customer, id)).body.status === 'Running' ? true : null));
      expect((await cancel(customer, id)).status).toBe(202);
      expect(await finished(customer, id)).toMatchObject({ status: 'Canceled', verdicts: { restored: 4 } });
      expect(await summary(customer, id)).toMatchObject({ restored: 4, wentForward: 0 });
      expect(await left(customer.tenantId)).toEqual(before);
    });

    it('in the middle of several chunks restores those before the line, and the others go forward', async () => {
      const { customer, fleet } = await registered(12);
      const plan = await planned(customer, { deviceIds: fleet.map((device) => device.id) });
      const { body } = await world.call(
        `/tenants/${customer.tenantId}/deregistrationPlans/${plan.body.id}/devices`,
        customer.owner,
      );
      const inSecondChunk = body.value[4].deviceId as string;
      const id = await holding(inSecondChunk, async () => {
        const started = await execute(customer, plan.body.id);
        await until('three chunks', async () =>
          (await summary(customer, started.body.id)).wentForward === 9 ? true : null,
        );
        expect((await cancel(customer, started.body.id)).status).toBe(202);
        return started.body.id as string;
      });
      expect(await finished(customer, id)).toMatchObject({
        status: 'Canceled',
        verdicts: { restored: 3, deregistered: 9 },
      });
      expect(await summary(customer, id)).toMatchObject({ restored: 3, wentForward: 9 });
      expect(await left(customer.tenantId)).toEqual({ devices: 3, managed: 0, listed: 3, objects: 3, reserved: 0 });
    });

    it('after management has let go says exactly what cannot be restored, and a person ends it', async () => {
      const { customer, fleet } = await registered(1);
      const [device] = fleet as [Registered];
      await enrolled(customer, fleet);
      const id = await holding(device.id, async () => {
        const started = await deregistered(customer, { deviceIds: [device.id] });
        await until('the retirement', async () => ((await left(customer.tenantId)).managed === 0 ? true : null));
        await cancel(customer, started);
        return started;
      });
      await until('a person', async () => ((await summary(customer, id)).attention.not_as_before === 1 ? true : null));
      const { body } = await world.call(`/operations/${id}/devices?state=needs_attention`, customer.owner);
      expect(body.value[0].difference).toContain('management has removed its record');
      const steps = (await world.call(`/operations/${id}/steps`, customer.owner)).body.value;
      expect(steps.find(({ step }: { step: string }) => step === 'undo_retire_management')).toMatchObject({
        state: 'refused',
        waitingFor: null,
      });
      const decided = await world.post(`/operations/${id}/deviceResolutions`, customer.owner, {
        decision: 'abandon',
        code: 'not_as_before',
        reason: 'it enrols again tomorrow',
      });
      expect(decided.status).toBe(202);
      expect(await finished(customer, id)).toMatchObject({ status: 'Canceled', verdicts: { abandoned: 1 } });
      expect(await left(customer.tenantId)).toMatchObject({ devices: 1, managed: 0, reserved: 0 });
    });
  });

  it('that waits too long needs a person, and goes on when it is told to', async () => {
    const { customer, fleet } = await registered(1);
    await enrolled(customer, fleet);
    const plan = await planned(customer, { deviceIds: [fleet[0]!.id] });
    await world.stack.apps.neighbours.kill('SIGKILL');
    const id = (await execute(customer, plan.body.id)).body.id as string;
    await until('a person', async () => ((await run(customer, id)).body.subStatus === 'NeedsAttention' ? true : null));
    await world.stack.apps.neighbours.start();
    expect(await summary(customer, id)).toMatchObject({ attention: { overdue: 1 } });
    await world.post(`/operations/${id}/deviceResolutions`, customer.owner, { decision: 'retry', code: 'overdue' });
    expect(await finished(customer, id)).toMatchObject({ verdicts: { deregistered: 1 } });
  });

  it('is taken back by a restore, with tag and user, unless somebody else owns the hardware now', async () => {
    const customer = await world.aCustomer();
    const { lines } = devices(2, { groupTag: 'Kiosk' });
    await world.finished(customer, (await world.submit(customer, lines)).id);
    const { body } = await world.call(`/tenants/${customer.tenantId}/devices`, customer.owner);
    const fleet = body.value as Registered[];
    const id = await deregistered(customer, { deviceIds: fleet.map((device) => device.id) });
    await finished(customer, id);

    const stranger = await world.aCustomer();
    const taken = await world.finished(stranger, (await world.submit(stranger, lines.slice(0, 1))).id);
    expect(taken.verdicts).toEqual({ registered: 1 });

    const restored = await world.post(`/operations/${id}/restorations`, customer.owner, {});
    expect(restored.status).toBe(202);
    expect(await finished(customer, restored.body.id)).toMatchObject({
      kind: 'restore',
      verdicts: { registered: 1, owned_elsewhere: 1 },
    });
    const back = (await world.call(`/tenants/${customer.tenantId}/devices`, customer.owner)).body.value;
    const assignment = await world.admin.query(
      `select device_ids from registry.assignment_cause where tenant_id = $1 and kind = 'restore'`,
      [customer.tenantId],
    );
    expect(assignment.rows).toEqual([{ device_ids: [back[0].id] }]);
    expect(back).toHaveLength(1);
    const before = fleet.find((device) => device.id === back[0].id)!;
    expect(back[0]).toMatchObject({
      serialNumber: before.serialNumber,
      groupTag: 'Kiosk',
      directory: { state: 'observed' },
    });
  });
});
