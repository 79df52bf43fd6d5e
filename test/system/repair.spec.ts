import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aDevice, hashOf, workshop } from '../support/hardware.js';
import { pause, startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';

/** A board is replaced: through the front door, on real servers, with real timers made short. */
describe('a repair', () => {
  let world: RunningStack;

  beforeAll(async () => {
    world = await startRunningStack('shared', {
      GROUNDCREW_SYNC_INTERVAL_MS: '0',
      GROUNDCREW_REPAIR_REMINDER_MS: '2000',
      GROUNDCREW_REPAIR_EXPIRY_MS: '120000',
    });
  }, 120_000);
  afterAll(() => world.stop());

  const withTpm = (seed: number) => aDevice(seed, ({ board }) => board.tpm !== null && board.lanMac !== '');
  const order = async (customer: Customer, hash: string, more: object = {}) => {
    const line = JSON.stringify({ hardwareIdentifier: hash, groupTag: 'Kiosk', ...more });
    const run = await world.finished(customer, (await world.submit(customer, [line])).id);
    expect(run.verdicts).toEqual({ registered: 1 });
    return (await world.items(customer, run.id))[0]!.deviceId!;
  };
  const repairs = ({ tenantId }: Customer) => `/tenants/${tenantId}/repairs`;
  const until = async (customer: Customer, id: string, state: string) => {
    for (const deadline = Date.now() + 60_000; ; await pause(30)) {
      const { body } = await world.call(`${repairs(customer)}/${id}`, customer.owner);
      if (body.state === state) return body;
      if (Date.now() > deadline) throw new Error(`it is not ${state}: ${JSON.stringify(body)}`);
    }
  };
  const opened = async (customer: Customer, deviceId: string, more: object = {}) => {
    const answer = await world.post(repairs(customer), customer.owner, { deviceId, why: 'no power', ...more });
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 202 });
    return answer.body.id as string;
  };
  const ended = async (customer: Customer, id: string) => {
    for (const deadline = Date.now() + 60_000; ; await pause(30)) {
      const { body } = await world.call(`/operations/${id}`, customer.owner);
      if (body.done) return body;
      if (Date.now() > deadline) throw new Error(`the run did not end: ${JSON.stringify(body)}`);
    }
  };
  const devicesOf = async ({ tenantId, owner }: Customer) =>
    (await world.call(`/tenants/${tenantId}/devices`, owner)).body.value;
  const reserved = async ({ tenantId }: Customer) =>
    (
      await world.admin.query('select device_id, kind from registry.device_reservation where tenant_id = $1', [
        tenantId,
      ])
    ).rows;

  const stepsOf = async ({ owner }: Customer, id: string) =>
    (await world.call(`/operations/${id}/steps`, owner)).body.value
      .map(({ step, state, attempts, waitingFor }: Record<string, unknown>) => ({ step, state, attempts, waitingFor }))
      .sort((one: { step: string }, other: { step: string }) => one.step.localeCompare(other.step));
  const auditOf = async (id: string) =>
    (
      await world.admin.query(`select action from registry.audit_event where object = 'run/' || $1 order by seq`, [id])
    ).rows.map(({ action }) => action);

  it('goes from the old registration to the new one, past a board that was somebody else’s', async () => {
    const customer = await world.aCustomer();
    const [damaged, donor] = [withTpm(9_101), withTpm(9_102)];
    await world.admin.query(
      `insert into registry.tenant_domain (tenant_id, name, added_by) values ($1, 'contoso.com', 'test')`,
      [customer.tenantId],
    );
    const designation = { assignedUserPrincipalName: 'ada@contoso.com', displayName: 'FRONT-DESK' };
    const deviceId = await order(customer, hashOf(damaged), designation);
    const donorId = await order(customer, hashOf(donor));
    await world.admin.query(
      `insert into management.assigned_user (tenant_id, registration_id, user_id, principal_name) values ($1, $2, $3, 'ada@contoso.com')`,
      [customer.tenantId, deviceId, randomUUID()],
    );

    const withDonor = await world.post(repairs(customer), customer.owner, {
      deviceId,
      why: 'no power',
      donorDeviceId: donorId,
    });
    expect(withDonor.body).toMatchObject({ status: 409, code: 'repair.donor-registered' });

    const id = await opened(customer, deviceId);
    expect((await world.post(repairs(customer), customer.owner, { deviceId, why: 'again' })).status).toBe(409);
    await until(customer, id, 'at_workshop');
    expect(await reserved(customer)).toEqual([{ device_id: deviceId, kind: 'repair' }]);
    expect((await devicesOf(customer)).map((device: { id: string }) => device.id)).toEqual([donorId]);

    // The workshop took the donor's board, and nobody took the donor out.
    await world.post(`${repairs(customer)}/${id}/hashes`, customer.owner, {
      hardwareIdentifier: hashOf(donor, 1_767_700_000),
    });
    const refused = await until(customer, id, 'needs_attention');
    expect(refused.problem).toMatchObject({ code: 'repair.board-registered' });
    expect(refused.problem.message).toContain(donorId);
    expect((await world.call(`/operations/${id}`, customer.owner)).body.subStatus).toBe('NeedsAttention');

    const fresh = workshop.newBoard(damaged);
    const sent = await world.post(`${repairs(customer)}/${id}/hashes`, customer.owner, {
      hardwareIdentifier: hashOf(fresh, 1_767_800_000),
    });
    expect(sent.body.state).toBe('registering');
    const closed = await until(customer, id, 'closed');
    expect(await ended(customer, id)).toMatchObject({
      kind: 'repair',
      status: 'Succeeded',
      verdicts: { registered: 1 },
    });
    expect(closed.newDeviceId).not.toBe(deviceId);
    const back = (await devicesOf(customer)).find((device: { id: string }) => device.id === closed.newDeviceId);
    expect(back).toMatchObject({ groupTag: 'Kiosk', purchaseOrderIdentifier: 'PO-1', ...designation });
    const links = await world.admin.query(
      'select old_device_id, new_device_id, repair_id, why from registry.device_succession where tenant_id = $1',
      [customer.tenantId],
    );
    expect(links.rows).toEqual([
      { old_device_id: deviceId, new_device_id: closed.newDeviceId, repair_id: id, why: 'no power' },
    ]);
    const users = await world.admin.query(
      'select registration_id, principal_name from management.assigned_user where tenant_id = $1',
      [customer.tenantId],
    );
    expect(users.rows).toEqual([{ registration_id: closed.newDeviceId, principal_name: 'ada@contoso.com' }]);
    expect(await reserved(customer)).toEqual([]);
    const found = await world.call(`${repairs(customer)}?deviceId=${closed.newDeviceId}`, customer.owner);
    expect(found.body.value.map((repair: { id: string }) => repair.id)).toEqual([id]);

    expect(await stepsOf(customer, id)).toEqual([
      { step: 'assign_user', state: 'observed', attempts: 1, waitingFor: null },
      { step: 'await_hash', state: 'observed', attempts: 2, waitingFor: null },
      { step: 'deregister_device', state: 'observed', attempts: 1, waitingFor: null },
      { step: 'register_new_hash', state: 'observed', attempts: 2, waitingFor: null },
    ]);
    expect(await auditOf(id)).toEqual([
      'repair.open',
      'run.started',
      'repair.deregister',
      'repair.deregistered',
      'repair.submit-hash',
      'run.needs_attention',
      'repair.refused',
      'repair.submit-hash',
      'run.resumed',
      'repair.registered',
      'repair.ended',
      'run.completed',
    ]);
  });

  it('takes a donor’s board once the donor is taken out, and the donor never comes back', async () => {
    const customer = await world.aCustomer();
    const [damaged, donor] = [withTpm(9_105), withTpm(9_106)];
    const deviceId = await order(customer, hashOf(damaged));
    const donorId = await order(customer, hashOf(donor));
    const plan = await world.post(`/tenants/${customer.tenantId}/deregistrations?dryRun=true`, customer.owner, {
      deviceIds: [donorId],
      reason: 'repair',
    });
    const taken = await world.post(`/tenants/${customer.tenantId}/deregistrations`, customer.owner, {
      planId: plan.body.id,
    });
    expect(await ended(customer, taken.body.id)).toMatchObject({ verdicts: { deregistered: 1 } });

    const id = await opened(customer, deviceId, { donorDeviceId: donorId });
    await until(customer, id, 'at_workshop');
    const repaired = { ...damaged, board: { ...donor.board, uuid: damaged.board.uuid, serial: damaged.board.serial } };
    await world.post(`${repairs(customer)}/${id}/hashes`, customer.owner, {
      hardwareIdentifier: hashOf(repaired, 1_767_900_000),
    });
    const { newDeviceId } = await until(customer, id, 'closed');
    expect(newDeviceId).not.toBe(donorId);

    const back = await world.post(`/operations/${taken.body.id}/restorations`, customer.owner, {
      deviceIds: [donorId],
    });
    expect(back.status).toBe(202);
    expect((await ended(customer, back.body.id)).verdicts).toEqual({ already_registered: 1 });
    expect((await devicesOf(customer)).map((device: { id: string }) => device.id)).toEqual([newDeviceId]);
  });

  it('goes on where it was when its worker dies, however long the workshop takes', async () => {
    const customer = await world.aCustomer();
    const damaged = withTpm(9_107);
    const deviceId = await order(customer, hashOf(damaged));
    const id = await opened(customer, deviceId);
    await world.stack.apps.worker.kill('SIGKILL');
    await world.stack.apps.worker.start();
    await until(customer, id, 'at_workshop');
    expect(await stepsOf(customer, id)).toMatchObject([
      { step: 'await_hash', state: 'requested', waitingFor: 'the workshop, for the hash of the new board' },
      { step: 'deregister_device', state: 'observed' },
    ]);

    // Nobody is there while days go by: what is sent meanwhile is taken, and heard when somebody is there again.
    await world.stack.apps.worker.kill('SIGKILL');
    await world.admin.query(
      `update registry.repair_case set waiting_since = waiting_since - interval '60 seconds' where id = $1`,
      [id],
    );
    const fresh = hashOf(workshop.newBoard(damaged), 1_768_000_000);
    const sent = await world.post(`${repairs(customer)}/${id}/hashes`, customer.owner, { hardwareIdentifier: fresh });
    expect(sent.body.state).toBe('registering');
    await world.stack.apps.worker.start();
    const { newDeviceId, reminders } = await until(customer, id, 'closed');
    // What fell due unnoticed is not caught up one by one.
    expect(reminders).toBeLessThan(20);
    expect((await devicesOf(customer)).map((device: { id: string }) => device.id)).toEqual([newDeviceId]);
    expect(await ended(customer, id)).toMatchObject({ status: 'Succeeded', verdicts: { registered: 1 } });
    expect(await reserved(customer)).toEqual([]);
  }, 120_000);

  it('that is cancelled while the workshop works restores the old registration', async () => {
    const customer = await world.aCustomer();
    const deviceId = await order(customer, hashOf(withTpm(9_103)));
    const id = await opened(customer, deviceId);
    await until(customer, id, 'at_workshop');
    expect((await world.post(`${repairs(customer)}/${id}/cancellations`, customer.owner)).body.state).toBe('restoring');
    await until(customer, id, 'cancelled');
    expect(await ended(customer, id)).toMatchObject({ status: 'Canceled', verdicts: { restored: 1 } });
    expect(await devicesOf(customer)).toMatchObject([{ id: deviceId, groupTag: 'Kiosk' }]);
    expect(await reserved(customer)).toEqual([]);
    expect((await world.post(`${repairs(customer)}/${id}/cancellations`, customer.owner)).body.code).toBe(
      'repair.not-waiting',
    );
  });

  it('that no workshop answers is reminded of, and expires', async () => {
    const customer = await world.aCustomer();
    const id = await opened(customer, await order(customer, hashOf(withTpm(9_104))));
    for (;;) {
      const { body } = await world.call(`${repairs(customer)}/${id}`, customer.owner);
      if (body.reminders > 0) break;
      await pause(30);
    }
    const [waits] = await stepsOf(customer, id);
    expect(waits).toMatchObject({ step: 'await_hash', state: 'requested' });
    await world.admin.query(
      `update registry.repair_case set waiting_since = waiting_since - interval '2 minutes' where id = $1`,
      [id],
    );
    await until(customer, id, 'expired');
    expect((await stepsOf(customer, id))[0]).toMatchObject({ step: 'await_hash', state: 'refused', waitingFor: null });
    expect(await ended(customer, id)).toMatchObject({ status: 'Failed', verdicts: { abandoned: 1 } });
    expect(await reserved(customer)).toEqual([]);
  });
});
