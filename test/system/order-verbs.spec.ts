import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderDeviceView, RunView } from '@groundcrew/contracts';
import { randomUUID } from 'node:crypto';
import {
  devices,
  pause,
  startRunningStack,
  type Answer,
  type Customer,
  type RunningStack,
} from '../support/running-stack.js';

describe('what is done to an order after it was made', () => {
  let world: RunningStack;
  let customer: Customer;
  let base: string;
  let orderId: string;
  let first: string[];

  beforeAll(async () => {
    world = await startRunningStack('shared');
  }, 120_000);
  afterAll(() => world.stop());

  const post = (place: string, body: string, type: string): Promise<Answer> =>
    world.call(`${base}/${orderId}/${place}`, customer.pipeline, {
      method: 'POST',
      body,
      headers: { 'content-type': type, 'idempotency-key': randomUUID() },
    });
  const done = async (answer: Answer): Promise<RunView> => {
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 202 });
    return await world.finished(customer, (answer.body as RunView).id);
  };
  const rows = (place: string, lines: string[]) => post(place, lines.join('\n'), 'application/jsonl');
  const now = async (): Promise<OrderDeviceView[]> =>
    (await world.call(`${base}/${orderId}/devices?maxpagesize=1000`, customer.pipeline)).body.value;
  const aNewOrder = async () => {
    first = devices(60).lines;
    customer = await world.aCustomer();
    base = `/partners/${customer.partnerId}/orders`;
    const run = await world.finished(customer, (await world.submit(customer, first)).id);
    orderId = run.orderId!;
    expect(await now()).toHaveLength(60);
  };
  const left = async () => {
    const { rows: counted } = await world.admin.query(
      `select (select count(*)::int from registry.device where tenant_id = $1) as devices,
              (select count(*)::int from registry.identity_claim c where c.tenant_id = $1) > 0 as claims,
              (select count(*)::int from directory.device_object where tenant_id = $1) as objects`,
      [customer.tenantId],
    );
    return counted[0];
  };

  const reconciled = async () => (await world.call(`${base}/${orderId}`, customer.pipeline)).body.reconciliation;

  it('deliveries, returns and a void: each is a run of its own, and what is true now is read apart from them', async () => {
    await aNewOrder();
    const delivery = await done(await rows('deliveries', devices(40).lines));
    expect(delivery).toMatchObject({ kind: 'registration_order', orderId, registered: 40 });
    const before = await now();
    expect(before).toHaveLength(100);

    const stranger = randomUUID();
    const taken = before.slice(0, 5).map((device) => device.deviceId);
    const returned = await done(
      await post('returns', JSON.stringify({ deviceIds: [...taken, stranger] }), 'application/json'),
    );
    expect(returned).toMatchObject({ kind: 'order_return', verdicts: { removed: 5, not_in_order: 1 } });
    expect((await now()).map((device) => device.deviceId)).toEqual(before.slice(5).map((device) => device.deviceId));
    const again = await done(await post('returns', JSON.stringify({ deviceIds: taken }), 'application/json'));
    expect(again.verdicts).toEqual({ not_registered: 5 });
    expect((await world.items(customer, returned.id)).map((item) => item.deviceId)).toEqual([...taken, stranger]);

    expect(await reconciled()).toEqual({ shipped: 100, accepted: 100, registered: 95, firstSeen: 0 });

    const voided = await done(await post('voids', '{"reason":"never paid"}', 'application/json'));
    expect(voided).toMatchObject({ kind: 'order_void', status: 'Succeeded', received: 95, verdicts: { removed: 95 } });
    expect(await now()).toEqual([]);
    expect(await left()).toEqual({ devices: 0, claims: false, objects: 0 });
    const anew = await world.finished(customer, (await world.submit(customer, first)).id);
    expect(anew.registered).toBe(60);
  }, 90_000);

  it('a replacement adds, keeps and takes away; it asks before it takes away much, and shows it without doing it', async () => {
    await aNewOrder();
    const more = devices(10).lines;
    const little = await done(await rows('replacements', [...first.slice(6), ...more]));
    expect(little.verdicts).toEqual({ kept: 54, registered: 10, removed: 6 });
    expect(await now()).toHaveLength(64);
    expect(await reconciled()).toEqual({ shipped: 64, accepted: 64, registered: 64, firstSeen: 0 });

    const shown = await done(await rows('replacements?validateOnly=true', first.slice(6, 16)));
    expect(shown).toMatchObject({ verdicts: { kept: 10 }, replacement: { removes: 54, of: 64 } });
    expect(await now()).toHaveLength(64);

    const added = devices(1).lines;
    const asked = (await rows('replacements', [...first.slice(6, 16), ...added, '{"serialNumber":"nobody"}']))
      .body as RunView;
    let run = asked;
    for (; run.subStatus !== 'NeedsAttention'; await pause(30)) run = await world.run(customer, asked.id);
    expect(run.problem).toMatchObject({ code: 'order.replacement-asks', removes: 54, of: 64 });
    expect(await now()).toHaveLength(65);
    expect(await reconciled()).toEqual({ shipped: 65, accepted: 65, registered: 65, firstSeen: 0 });
    const confirmed = await world.post(`/operations/${asked.id}/resolutions`, customer.pipeline, {
      decision: 'confirm',
      reason: 'the customer sent them back',
    });
    expect(confirmed.status).toBe(202);
    const replaced = await world.finished(customer, asked.id);
    expect(replaced.verdicts).toEqual({ kept: 10, registered: 1, removed: 54, identity_missing: 1 });
    expect(await left()).toMatchObject({ devices: 11, objects: 11 });
    expect(await reconciled()).toEqual({ shipped: 12, accepted: 11, registered: 11, firstSeen: 0 });
    await done(await rows('deliveries', devices(3).lines));
    expect(await reconciled()).toEqual({ shipped: 15, accepted: 14, registered: 14, firstSeen: 0 });
  }, 90_000);
});
