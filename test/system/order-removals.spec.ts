import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderDeviceView, RunStepView, RunView } from '@groundcrew/contracts';
import { randomUUID } from 'node:crypto';
import { generatedLines } from '../support/generated-order.js';
import {
  devices,
  pause,
  startRunningStack,
  type Answer,
  type Customer,
  type RunningStack,
} from '../support/running-stack.js';
import { whileChunkIsHeld } from '../support/held-chunk.js';
import { standingOf } from '../support/standing.js';

describe('what takes an order of several chunks away', () => {
  let world: RunningStack;
  let customer: Customer;
  let orderId: string;
  let first: string[];

  beforeAll(async () => {
    world = await startRunningStack('shared', { GROUNDCREW_CHUNKS_IN_FLIGHT: '1' });
    customer = await world.aCustomer();
    first = await generatedLines(world, 2_500);
    orderId = (await world.finished(customer, (await world.submit(customer, first)).id)).orderId!;
  }, 180_000);
  afterAll(() => world.stop());

  const command = (path: string, body: string, who = customer, type = 'application/json'): Promise<Answer> =>
    world.call(path, who.pipeline, {
      method: 'POST',
      body,
      headers: { 'content-type': type, 'idempotency-key': randomUUID() },
    });
  const verb = async (name: string, body: string, type = 'application/json'): Promise<string> => {
    const answer = await command(`/partners/${customer.partnerId}/orders/${orderId}/${name}`, body, customer, type);
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 202 });
    return (answer.body as RunView).id;
  };
  const rows = (lines: readonly string[]) => verb('replacements', lines.join('\n'), 'application/jsonl');
  const now = async (): Promise<OrderDeviceView[]> => {
    const found: OrderDeviceView[] = [];
    const place = `/partners/${customer.partnerId}/orders/${orderId}/devices?maxpagesize=1000`;
    for (let path: string | undefined = place; path !== undefined;) {
      const { body } = await world.call(path, customer.pipeline);
      found.push(...body.value);
      path = body.nextLink?.slice(body.nextLink.indexOf('/v1') + 3);
    }
    return found;
  };
  const standing = () => standingOf(world, customer.tenantId);
  /** Holds the last chunk of a removal back, so that what comes meanwhile comes in its middle. */
  const heldAt = async (
    runId: string,
    { chunk, removed }: { chunk: number; removed: number },
    meanwhile: () => Promise<void>,
  ): Promise<void> => {
    await whileChunkIsHeld(world, { runId, number: chunk }, async () => {
      let run = await world.run(customer, runId);
      for (; (run.verdicts.removed ?? 0) < removed; await pause(20)) run = await world.run(customer, runId);
      await meanwhile();
    });
  };

  it('a void that is cancelled in the middle puts back what it took away, and says what could not come back', async () => {
    const before = await standing();
    const idsBefore = (await now()).map((device) => device.deviceId);
    const id = await verb('voids', '{"reason":"never paid"}');
    const other = await world.aCustomer();
    await heldAt(id, { chunk: 3, removed: 2_000 }, async () => {
      // One of the devices that are gone already is somebody else's by now.
      const taken = await world.finished(other, (await world.submit(other, first.slice(0, 1))).id);
      expect(taken.registered).toBe(1);
      expect((await command(`/operations/${id}/cancellations`, '{}')).body.subStatus).toBe('Compensating');
    });
    const run = await world.finished(customer, id, 120_000);

    expect(run).toMatchObject({ kind: 'order_void', status: 'Canceled', subStatus: 'Compensated', received: 2_500 });
    const removed = run.verdicts.removed!;
    expect(run.verdicts).toEqual({ removed, cancelled: 2_500 - removed });
    expect(removed).toBe(2_000);
    expect(run.compensation).toEqual({
      undone: 0,
      kept: 500,
      left: 0,
      putBack: removed - 1,
      wentForward: 1,
    });
    const back = await now();
    const lost = idsBefore.filter((device) => !back.some(({ deviceId }) => deviceId === device));
    expect([back.length, lost.length]).toEqual([2_499, 1]);
    const after = await standing();
    expect(after).toMatchObject({ devices: 2_499, observed: 2_499, objects: 2_499, reserved: 0, archived: 0 });
    expect(before.claims! - after.claims!).toBeGreaterThan(0);
    expect(before.keys! - after.keys!).toBeLessThan(50);

    const items = await world.items(customer, id);
    expect(items.filter((item) => item.takenBackAt !== null)).toHaveLength(removed - 1);
    expect(items.find((item) => item.deviceId === lost[0])).toMatchObject({ verdict: 'removed', takenBackAt: null });
    const { body: steps } = await world.call(`/operations/${id}/steps?maxpagesize=100`, customer.pipeline);
    expect((steps.value as RunStepView[]).filter((step) => step.deviceId !== null)).toMatchObject([
      { step: 'register_again', state: 'refused', deviceId: lost[0], detail: { reason: 'owned_elsewhere' } },
    ]);
  }, 180_000);

  it('a return of many devices by their ids takes those, and a replacement keeps what its own order brought', async () => {
    const held = await now();
    const run = await world.finished(
      customer,
      await verb('returns', JSON.stringify({ deviceIds: held.slice(0, 1_200).map((device) => device.deviceId) })),
    );
    expect(run).toMatchObject({ status: 'Succeeded', received: 1_200, verdicts: { removed: 1_200 } });

    const another = devices(3).lines;
    await world.finished(customer, (await world.submit(customer, another)).id);
    const [stay, fresh] = [first.slice(1_301), await generatedLines(world, 1_100)];
    const replaced = await world.finished(customer, await rows([...stay, ...fresh, ...another]), 120_000);
    // What another order of the same partner brought is registered already: this order neither has it nor keeps it.
    expect(replaced.verdicts).toEqual({ kept: 1_199, registered: 1_100, already_registered: 3, removed: 100 });
    expect(await now()).toHaveLength(2_299);
    expect(await standing()).toMatchObject({ devices: 2_302, observed: 2_302, objects: 2_302, archived: 0 });
  }, 180_000);

  it('a replacement that is cancelled in the middle gives up what it registered and puts back what it took away', async () => {
    const before = await standing();
    const idsBefore = (await now()).map((device) => device.deviceId).sort();
    const fresh = devices(5).lines;
    const id = await rows([...first.slice(1_301, 1_501), ...fresh]);
    let asked = await world.run(customer, id);
    for (; asked.subStatus !== 'NeedsAttention'; await pause(30)) asked = await world.run(customer, id);
    expect(asked.problem).toMatchObject({ removes: 2_099, of: 2_299 });
    const confirmed = JSON.stringify({ decision: 'confirm', reason: 'so it was agreed' });
    expect((await command(`/operations/${id}/resolutions`, confirmed)).status).toBe(202);
    await heldAt(id, { chunk: 4, removed: 2_000 }, async () => {
      expect((await command(`/operations/${id}/cancellations`, '{}')).status).toBe(202);
    });
    const run = await world.finished(customer, id, 120_000);
    expect(run).toMatchObject({
      status: 'Canceled',
      verdicts: { kept: 200, registered: 5, removed: 2_000, cancelled: 99 },
      compensation: { undone: 5, kept: 200, left: 0, putBack: 2_000, wentForward: 0 },
    });
    expect((await now()).map((device) => device.deviceId).sort()).toEqual(idsBefore);
    expect(await standing()).toEqual(before);

    const voided = await world.finished(customer, await verb('voids', '{"reason":"closed down"}'));
    expect(voided).toMatchObject({ status: 'Succeeded', verdicts: { removed: 2_299 } });
    expect(await now()).toEqual([]);
    expect(await standing()).toMatchObject({ devices: 3, hashes: 3, objects: 3, reserved: 0, archived: 0 });
  }, 180_000);
});
