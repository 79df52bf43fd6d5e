import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from '@groundcrew/contracts';
import { deliverAssignment, uuidV7 } from '@groundcrew/persistence';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { aGroup, aProfile } from '../support/assigning.js';
import { devices, pause, startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';

const chunkSize = 10;
const many = 400;

describe('an assignment, with the whole product running', () => {
  let world: RunningStack;
  let customer: Customer;

  beforeAll(async () => {
    world = await startRunningStack('shared', {
      GROUNDCREW_ASSIGNMENT_CHUNK_SIZE: String(chunkSize),
      GROUNDCREW_CHUNKS_IN_FLIGHT: '2',
      GROUNDCREW_HEARTBEAT_MS: '2500',
      GROUNDCREW_HISTORY_BUDGET: '120',
      GROUNDCREW_SWEEP_MS: '200',
      GROUNDCREW_START_AGAIN_MS: '300',
    });
    customer = await world.aCustomer();
  }, 120_000);
  afterAll(() => world.stop());

  const registry = () => ({ registry: { admin: world.admin } as never });
  const send = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
    world.call(path, customer.owner, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
    });
  const profileOf = (tenantId: string) => `/tenants/${tenantId}/profiles`;
  /** Takes the profile from everybody, or gives it to all devices. @returns the run that moves them */
  async function give(profileId: string, allDevices: boolean): Promise<string> {
    const path = `${profileOf(customer.tenantId)}/${profileId}/assignments`;
    const { etag } = (await world.call(path, customer.owner)).body as { etag: string };
    const answer = await send('PATCH', path, { allDevices }, { 'if-match': etag });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body.operationId as string;
  }
  const read = async (runId: string) => (await world.call(`/operations/${runId}`, customer.owner)).body as RunView;
  async function over(runId: string): Promise<RunView> {
    for (const deadline = Date.now() + 60_000; ; await pause(30)) {
      const run = await read(runId);
      if (run.done) return run;
      if (Date.now() > deadline) throw new Error(`the run did not end: ${JSON.stringify(run)}`);
    }
  }
  const profiles = async () =>
    (
      await world.admin.query<{ device_id: string; profile_id: string | null; state: string; dated: boolean }>(
        `select device_id, profile_id, state, assigned_at is not null as dated from registry.device_assignment
         where tenant_id = $1 order by device_id`,
        [customer.tenantId],
      )
    ).rows;
  const written = async (runId: string) =>
    (
      await world.admin.query<{ chunks: number }>(
        `select count(*)::int as chunks from registry.assignment_chunk where run_id = $1 and state <> 'planned'`,
        [runId],
      )
    ).rows[0]!.chunks;

  it('follows an order, in one run for all of it', async () => {
    const group = await aGroup(
      registry(),
      customer.tenantId,
      '(device.devicePhysicalIds -any (_ -eq "[OrderID]:Kiosk"))',
    );
    const profile = await aProfile(registry(), customer.tenantId, { included: [group] });
    const { id } = await world.submit(customer, [...devices(15, { groupTag: 'Kiosk' }).lines, ...devices(15).lines]);
    await world.finished(customer, id);
    const { rows } = await world.admin.query<{ id: string }>(
      `select r.id from registry.run r join registry.assignment_cause c on c.run_id = r.id or c.run_id is null
       where r.tenant_id = $1 and r.kind = 'assignment' and c.subject = $2`,
      [customer.tenantId, id],
    );
    expect(rows).toHaveLength(1);
    expect(await over(rows[0]!.id)).toMatchObject({
      status: 'Succeeded',
      received: 30,
      outcome: { devices: 30, moved: 15 },
    });
    const found = await profiles();
    expect(
      found.filter(({ profile_id, state, dated }) => profile_id === profile && state === 'assigned' && dated),
    ).toHaveLength(15);
    expect(found.filter(({ profile_id, state }) => profile_id === null && state === 'unassigned')).toHaveLength(15);
  });

  describe('of many devices', () => {
    let first: string;
    let second: string;

    beforeAll(async () => {
      await world.admin.query(
        `insert into registry.device (tenant_id, id, serial_number, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
         select $1, w.id, 'M' || w.line, 'tenant', $1, $1, w.line, 'full' from unnest($2::uuid[]) with ordinality as w (id, line)`,
        [customer.tenantId, Array.from({ length: many }, () => uuidV7(Date.now()))],
      );
      first = await aProfile(registry(), customer.tenantId, {});
      second = await aProfile(registry(), customer.tenantId, {});
      await over(await give(second, true));
    }, 120_000);

    it('goes on when its worker is killed, and no device is missed', async () => {
      const runId = await give(first, true);
      while ((await written(runId)) < 3) await pause(5);
      await world.stack.apps.worker.kill('SIGKILL');
      expect((await read(runId)).done).toBe(false);
      await world.stack.apps.worker.start();
      expect(await over(runId)).toMatchObject({ status: 'Succeeded', outcome: { moved: many + 15 } });
      const others = (await profiles()).filter(({ profile_id, state }) => profile_id !== first || state !== 'assigned');
      expect(others).toHaveLength(15);
    });

    it('goes on when somebody terminates its execution, and what was changed meanwhile follows', async () => {
      const connection = await Connection.connect({ address: world.stack.temporalAddress });
      const { workflow } = new Client({ connection, namespace: world.stack.temporalNamespace });
      const runId = await give(first, false);
      while ((await written(runId)) < 3) await pause(5);
      await workflow.getHandle(`assignment/${runId}`).terminate('somebody in the UI');
      const reached = await written(runId);
      const later = await give(first, true);
      expect(later).toBe(runId);
      expect(await over(runId)).toMatchObject({ status: 'Succeeded', outcome: { devices: many + 30, gone: 0 } });
      expect(await written(runId)).toBeGreaterThan(reached);
      const { rows } = await world.admin.query<{ next: string }>(
        `select data->>'next' as next from registry.run_event where run_id = $1 and kind = 'run.completed'`,
        [runId],
      );
      // What the first one had not reached yet is due what it has again.
      expect(await over(rows[0]!.next)).toMatchObject({ status: 'Succeeded', outcome: { devices: many + 30 } });
      expect((await profiles()).filter(({ profile_id }) => profile_id === first)).toHaveLength(many + 15);
      await connection.close();
    });

    it('that is cancelled in the middle puts every device back but the one that booted, also when the worker dies in it', async () => {
      const before = await profiles();
      const runId = await give(first, false);
      while ((await written(runId)) < 4) await pause(5);
      const [moved] = (await profiles()).filter(({ profile_id }) => profile_id === second);
      const ask = async <Row>(sql: string, values: readonly unknown[]) =>
        (await world.admin.query(sql, [...values])).rows as Row[];
      const booted = await deliverAssignment(ask, customer.tenantId, moved!.device_id);
      expect(booted).toMatchObject({ profileId: second });
      const cancelled = await send('POST', `/operations/${runId}/cancellations`, { reason: 'wrong group' });
      expect(cancelled.status).toBe(202);
      await world.stack.apps.worker.kill('SIGKILL');
      await world.stack.apps.worker.start();
      const run = await over(runId);
      expect(run).toMatchObject({ status: 'Canceled', subStatus: 'Compensated', outcome: { kept: 1 } });
      expect(run.outcome.putBack).toBe(run.outcome.moved! - 1);
      const after = await profiles();
      expect(after.filter(({ device_id }) => device_id !== moved!.device_id)).toEqual(
        before.filter(({ device_id }) => device_id !== moved!.device_id),
      );
      const { body } = await world.call(
        `/tenants/${customer.tenantId}/devices/${moved!.device_id}/assignment`,
        customer.owner,
      );
      expect(body).toMatchObject({ current: { profileId: second, keptAfter: runId } });
      expect(body.sentence).toContain('keeps what it booted with');
    });
  });
});
