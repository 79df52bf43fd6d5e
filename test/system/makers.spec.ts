import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from '@groundcrew/contracts';
import { randomUUID } from 'node:crypto';
import { devices, startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';

describe('a maker’s upload and the orders that name its devices', () => {
  let world: RunningStack;
  let maker: Customer;

  beforeAll(async () => {
    world = await startRunningStack('shared');
    maker = await world.aCustomer();
  }, 120_000);
  afterAll(() => world.stop());

  const upload = async (lines: string[]): Promise<RunView> => {
    const answer = await world.call(`/partners/${maker.partnerId}/hardwareReports`, maker.pipeline, {
      method: 'POST',
      body: lines.join('\n'),
      headers: { 'content-type': 'application/jsonl', 'idempotency-key': randomUUID() },
    });
    expect(answer.status).toBe(202);
    return await world.finished(maker, (answer.body as RunView).id);
  };

  const onFile = async (): Promise<object[]> =>
    (await world.call(`/partners/${maker.partnerId}/devicesOnFile?maxpagesize=1000`, maker.pipeline)).body.value;

  it('are one journey: uploaded ahead, ordered by name, taken out by the customer, and ordered by the next', async () => {
    const { lines, fleet } = devices(150);
    const uploaded = await upload([...lines, '{"serialNumber":"nobody"}']);
    expect(uploaded).toMatchObject({
      kind: 'hardware_report',
      tenantId: null,
      status: 'Succeeded',
      verdicts: { uploaded: 150, identity_missing: 1 },
    });
    expect(await onFile()).toHaveLength(150);

    const customer = await world.aCustomer();
    const names = fleet.map(({ manufacturer, model, serialNumber }) =>
      JSON.stringify({ manufacturer, model, serialNumber }),
    );
    const wrong = JSON.stringify({ ...JSON.parse(names[0]!), serialNumber: fleet[0]!.serialNumber.toLowerCase() });
    const ordered = await world.finished(customer, (await world.submit(customer, [...names, wrong])).id);
    expect(ordered).toMatchObject({ status: 'Succeeded', verdicts: { registered: 150, not_on_file: 1 } });
    const [item] = (await world.items(customer, ordered.id)).slice(-1);
    expect(item).toMatchObject({ verdict: 'not_on_file', number: 812, name: 'ZtdDeviceNotFound' });

    const { rows } = await world.admin.query(
      `select (select count(*)::int from registry.device_hash where tenant_id = $1) as hashes,
              (select count(*)::int from registry.identity_claim where tenant_id = $1) as claims`,
      [customer.tenantId],
    );
    expect(rows[0].hashes).toBe(150);
    expect(rows[0].claims).toBeGreaterThanOrEqual(150);

    const taken = fleet.slice(0, 3).map(({ serialNumber }) => serialNumber!);
    const deregistrations = `/tenants/${customer.tenantId}/deregistrations`;
    const plan = await world.post(`${deregistrations}?dryRun=true`, customer.owner, {
      reason: 'sale',
      serialNumbers: taken,
    });
    expect(plan).toMatchObject({ status: 201, body: { blocked: 0 } });
    const run = await world.post(deregistrations, customer.owner, { planId: plan.body.id });
    expect(run.status).toBe(202);
    const leaving = await world.finished({ ...customer, pipeline: customer.owner }, run.body.id);
    expect(leaving).toMatchObject({ status: 'Succeeded', verdicts: { deregistered: 3 } });
    expect(await onFile()).toHaveLength(150);

    const next = await world.aCustomer();
    const again = await world.finished(next, (await world.submit(next, names.slice(0, 5))).id);
    expect(again.verdicts).toEqual({ registered: 3, owned_elsewhere: 2 });
    const { body } = await world.call(`/tenants/${next.tenantId}/devices`, next.administrator);
    expect(body.value.map(({ serialNumber }: { serialNumber: string }) => serialNumber).sort()).toEqual(taken.sort());
    expect(await onFile()).toHaveLength(150);
  }, 90_000);
});
