import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { prepareNeighbours } from '@groundcrew/subsystems';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;

beforeAll(async () => {
  api = await startApi();
  const neighbours = new pg.Pool({ connectionString: api.database.urls.neighbours, max: 1 });
  await prepareNeighbours(neighbours);
  await neighbours.end();
});
beforeEach(async () => {
  customer = await aCustomer(api);
});
afterAll(() => api.close());

async function aDevice(serialNumber: string, more: { tenantId?: string; registrarId?: string; model?: string } = {}) {
  const id = randomUUID();
  const { tenantId = customer.tenantId, registrarId = customer.partnerId, model = 'Book' } = more;
  await api.registry.admin.query(
    `insert into registry.device (tenant_id, id, serial_number, manufacturer, model, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
     values ($1, $2, $3, 'Northwind', $4, 'partner', $5, $2, 1, 'full')`,
    [tenantId, id, serialNumber, model, registrarId],
  );
  return id;
}
const order = (devices: object[], more: object = {}, key?: string) =>
  api.call('POST', `/v1/partners/${customer.partnerId}/orders`, {
    token: customer.pipeline,
    body: { tenantId: '', devices, ...more },
    ...(key !== undefined && { key }),
  });
const planned = async (planId: string) =>
  (
    await api.registry.admin.query<{ device_id: string }>(
      'select device_id from registry.deregistration_plan_device where plan_id = $1 order by position',
      [planId],
    )
  ).rows.map((row) => row.device_id);

describe('an order of a maker that names no tenant', () => {
  it('plans to take back what the maker registered, for each customer, and changes nothing', async () => {
    const elsewhere = await api.registry.aTenant();
    await api.registry.aConsent(elsewhere, customer.partnerId);
    const [one, two] = [await aDevice('S1'), await aDevice('S2', { tenantId: elsewhere })];
    const key = randomUUID();
    const names = [{ manufacturer: 'Northwind', serialNumber: 'S1', groupTag: 'Kiosk' }, { serialNumber: 'S2' }];
    const answer = await order(names, {}, key);
    expect(answer.status).toBe(201);
    const plans = answer.body.plans as { id: string; tenantId: string }[];
    const byTenant = new Map(plans.map((plan) => [plan.tenantId, plan]));
    expect([...byTenant.keys()].sort()).toEqual([customer.tenantId, elsewhere].sort());
    expect(byTenant.get(customer.tenantId)).toMatchObject({
      path: 'oem',
      reason: 'correction',
      devices: 1,
      partnerId: customer.partnerId,
    });
    expect(await planned(byTenant.get(customer.tenantId)!.id)).toEqual([one]);
    expect(await planned(byTenant.get(elsewhere)!.id)).toEqual([two]);
    const { rows } = await api.registry.admin.query(
      `select (select count(*)::int from registry.device where id = any ($1)) as devices,
              (select count(*)::int from registry.intake where not accepted) as intakes,
              (select array_agg(action) from registry.audit_event where tenant_id = any ($2)) as actions`,
      [
        [one, two],
        [customer.tenantId, elsewhere],
      ],
    );
    expect(rows[0]).toEqual({ devices: 2, intakes: 0, actions: ['deregistration.plan', 'deregistration.plan'] });
    expect((await order(names, {}, key)).body).toEqual(answer.body);

    const executed = await api.call('POST', `/v1/partners/${customer.partnerId}/deregistrations`, {
      token: customer.pipeline,
      body: { tenantId: customer.tenantId, planId: byTenant.get(customer.tenantId)!.id },
    });
    expect({ status: executed.status, kind: executed.body.kind }).toEqual({ status: 202, kind: 'deregistration' });
  });

  it('names exact devices: what is ambiguous is refused with its candidates', async () => {
    const [book, slate] = [await aDevice('S1'), await aDevice('S1', { model: 'Slate' })];
    const refused = await order([{ serialNumber: 'S1' }]);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 422, code: 'plan.ambiguous' });
    for (const id of [book, slate]) expect(refused.body.errors[0].message).toContain(id);
    const exact = await order([{ serialNumber: 'S1', model: 'Slate' }]);
    expect(await planned(exact.body.plans[0].id)).toEqual([slate]);
  });

  it('reaches nothing that another partner registered, or a customer that does not authorise it', async () => {
    await aDevice('S1', { registrarId: await api.registry.aPartner() });
    const stranger = await api.registry.aTenant();
    await api.registry.aConsent(stranger, customer.partnerId, 'revoked');
    await aDevice('S2', { tenantId: stranger });
    const refused = await order([{ serialNumber: 'S1' }, { serialNumber: 'S2' }]);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 422, code: 'plan.unknown-devices' });
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/devices/S1',
      '/devices/S2',
    ]);
  });

  it('is a maker’s alone, and only while it is active', async () => {
    await aDevice('S1');
    const kind = (value: string, status = 'active') =>
      api.registry.admin.query('update registry.partner set kind = $2, status = $3 where id = $1', [
        customer.partnerId,
        value,
        status,
      ]);
    await kind('direct_bill');
    expect((await order([{ serialNumber: 'S1' }])).body.code).toBe('order.without-tenant');
    await kind('oem', 'suspended');
    // A suspended partner sees no registration.
    expect((await order([{ serialNumber: 'S1' }])).status).toBe(422);
    await kind('oem');
    expect((await order([{ serialNumber: 'S1' }], { groupTag: 'Kiosk' })).body.code).toBe('body.invalid');
  });
});
