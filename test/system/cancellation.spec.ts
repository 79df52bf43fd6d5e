import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { generatedLines } from '../support/generated-order.js';
import { devices, pause, startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';
import { standingOf } from '../support/standing.js';

describe('an order that is cancelled', () => {
  let world: RunningStack;

  beforeAll(async () => {
    world = await startRunningStack('shared', { GROUNDCREW_CHUNKS_IN_FLIGHT: '1', GROUNDCREW_RELAY_POLL_MS: '100' });
  }, 120_000);
  afterAll(() => world.stop());

  const cancel = (customer: Customer, runId: string) =>
    world.post(`/operations/${runId}/cancellations`, customer.pipeline, {});
  const left = (customer: Customer) => standingOf(world, customer.tenantId);

  it('in the middle takes back what it registered, keeps what was there before, and says how many of each', async () => {
    const customer = await world.aCustomer();
    const before = devices(20);
    await world.finished(customer, (await world.submit(customer, before.lines)).id);
    const untouched = await left(customer);

    const { id } = await world.submit(customer, [...before.lines, ...(await generatedLines(world, 4_000))]);
    let registered = 0;
    for (; registered === 0; await pause(5)) registered = (await world.run(customer, id)).registered;
    expect((await cancel(customer, id)).status).toBe(202);
    const run = await world.finished(customer, id);

    expect(run).toMatchObject({ status: 'Canceled', subStatus: 'Compensated', received: 4_020, decided: 4_020 });
    const { undone, kept, left: toOthers } = run.compensation!;
    expect(undone).toBeGreaterThan(0);
    expect(undone).toBeLessThan(4_000);
    expect({ kept, toOthers }).toEqual({ kept: 20, toOthers: 0 });
    expect(run.verdicts).toEqual({ registered: undone, already_registered: 20, cancelled: 4_000 - undone });
    expect(await left(customer)).toEqual(untouched);

    const items = await world.items(customer, id);
    expect(items).toHaveLength(4_020);
    expect(items.every((item) => (item.verdict === 'registered') === (item.takenBackAt !== null))).toBe(true);
    expect(items.find((item) => item.takenBackAt !== null)!.next).toMatch(/is gone again: send it again/);
    const { rows: parts } = await world.admin.query('select 1 from registry.intake_part where intake_id = $1', [id]);
    expect(parts).toEqual([]);
  }, 60_000);

  it('as an import leaves what the tenant had, hands back what it did not reach, and can be sent again', async () => {
    const customer = await world.aCustomer();
    const administrator = { ...customer, pipeline: customer.administrator };
    const csvOf = (lines: string[]) =>
      ['Hardware Hash', ...lines.map((line) => JSON.parse(line).hardwareIdentifier as string)].join('\n');
    const send = async (lines: string[]): Promise<string> => {
      const sent = await world.call(`/tenants/${customer.tenantId}/imports`, customer.administrator, {
        method: 'POST',
        body: csvOf(lines),
        headers: { 'content-type': 'text/csv', 'idempotency-key': randomUUID() },
      });
      expect(sent.status).toBe(202);
      return sent.body.id;
    };
    const before = devices(15).lines;
    await world.finished(administrator, await send(before));
    const untouched = await left(customer);

    const id = await send([...before, ...(await generatedLines(world, 4_000))]);
    let registered = 0;
    for (; registered === 0; await pause(5)) registered = (await world.run(administrator, id)).registered;
    expect((await cancel(administrator, id)).status).toBe(202);
    const run = await world.finished(administrator, id);

    const { undone } = run.compensation!;
    expect(undone).toBeGreaterThan(0);
    expect(undone).toBeLessThan(4_000);
    expect(run).toMatchObject({
      kind: 'import',
      status: 'Canceled',
      decided: 4_015,
      verdicts: { registered: undone, already_registered: 15, cancelled: 4_000 - undone },
      compensation: { undone, kept: 15, left: 0 },
    });
    expect(await left(customer)).toEqual(untouched);

    const answer = await fetch(`${world.stack.apiUrl}/v1/operations/${id}/failedRows`, {
      headers: { authorization: `Bearer ${customer.administrator}` },
    });
    const failed = (await answer.text()).trimEnd().split('\r\n');
    const cancelled = failed.filter((line) => line.includes(',cancelled,'));
    expect([failed.length, cancelled.length]).toEqual([1 + 15 + 4_000 - undone, 4_000 - undone]);
  }, 90_000);

  it('before it has begun registers nothing, and what it would have registered can be sent again', async () => {
    const customer = await world.aCustomer();
    const { lines } = devices(30);
    await world.stack.apps.relay.kill('SIGKILL');
    const { id } = await world.submit(customer, lines);
    expect((await cancel(customer, id)).body.subStatus).toBe('Compensating');
    await world.stack.apps.relay.start();
    const run = await world.finished(customer, id);
    expect(run).toMatchObject({
      status: 'Canceled',
      verdicts: { cancelled: 30 },
      compensation: { undone: 0, kept: 0 },
    });
    expect(await left(customer)).toMatchObject({ devices: 0, claims: 0, objects: 0 });
    const again = await world.finished(customer, (await world.submit(customer, lines)).id);
    expect(again).toMatchObject({ status: 'Succeeded', registered: 30 });
  }, 60_000);

  it('that needs a person goes on when it is told to, once what was wrong is mended', async () => {
    const customer = await world.aCustomer();
    const operator = await world.token('Operator', randomUUID());
    const { lines } = devices(3);
    await world.stack.apps.relay.kill('SIGKILL');
    const { id } = await world.submit(customer, lines);
    await world.admin.query('update registry.run set received = received + 1 where id = $1', [id]);
    await world.stack.apps.relay.start();
    let run = await world.run(customer, id);
    for (; run.subStatus !== 'NeedsAttention'; await pause(20)) run = await world.run(customer, id);
    expect(run.problem).toMatchObject({ code: 'run.rows-without-verdict', received: 4, decided: 3 });
    await world.admin.query('update registry.run set received = received - 1 where id = $1', [id]);
    const told = await world.post(`/operations/${id}/resolutions`, operator, {
      decision: 'retry',
      reason: 'counted again',
    });
    expect(told.status).toBe(202);
    expect(await world.finished(customer, id)).toMatchObject({ status: 'Succeeded', registered: 3, problem: null });
  }, 60_000);
});
