import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { prepareNeighbours } from '@groundcrew/subsystems';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let tenantId: string;
let owner: string;

beforeAll(async () => {
  api = await startApi();
  const neighbours = new pg.Pool({ connectionString: api.database.urls.neighbours, max: 1 });
  await prepareNeighbours(neighbours);
  await neighbours.end();
});
beforeEach(async () => {
  tenantId = await api.registry.aTenant();
  owner = await api.issuer.tokenOf('Tenant.Owner', tenantId);
});
afterAll(() => api.close());

async function someDevices(count: number): Promise<string[]> {
  const { rows } = await api.registry.admin.query<{ id: string }>(
    `insert into registry.device (tenant_id, id, serial_number, group_tag, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
     select $1, gen_random_uuid(), 'S' || n, 'Kiosk', 'tenant', $1, $1, n, 'full' from generate_series(1, $2::int) n returning id`,
    [tenantId, count],
  );
  return rows.map((row) => row.id);
}
const guards = (settings: object) =>
  api.registry.admin.query(
    `insert into registry.deregistration_guards (tenant_id, settings, updated_by) values ($1, $2, 'test')
     on conflict (tenant_id) do update set settings = excluded.settings`,
    [tenantId, JSON.stringify(settings)],
  );
const deregistrations = (query: string, body: object) =>
  api.call('POST', `/v1/tenants/${tenantId}/deregistrations${query}`, { token: owner, body });
async function plan(which: object): Promise<string> {
  const { status, body } = await deregistrations('?dryRun=true', { reason: 'end_of_life', ...which });
  expect(status).toBe(201);
  return body.id;
}
const execute = (planId: string, more: object = {}) => deregistrations('', { planId, ...more });
const codesOf = ({ body }: { body: { errors: { code: string }[] } }) => body.errors.map(({ code }) => code);

describe('what keeps a tenant from deregistering more than it means to', () => {
  it('most devices of one run', async () => {
    const deviceIds = await someDevices(3);
    await guards({ mostPerRun: 2 });
    const refused = await execute(await plan({ deviceIds }));
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 409, code: 'guard.run-limit' });
    expect((await execute(await plan({ deviceIds: deviceIds.slice(0, 2) }))).status).toBe(202);
  });

  it('most devices of a day, over all runs', async () => {
    const deviceIds = await someDevices(5);
    await guards({ mostPerDay: 3 });
    expect((await execute(await plan({ deviceIds: deviceIds.slice(0, 2) }))).status).toBe(202);
    const rest = await plan({ deviceIds: deviceIds.slice(2, 4) });
    expect((await execute(rest)).body.code).toBe('guard.day-limit');
    // What was taken out more than a day ago counts no more.
    await api.registry.admin.query(
      `update registry.run set created_at = now() - interval '25 hours' where tenant_id = $1 and kind = 'deregistration'`,
      [tenantId],
    );
    expect((await execute(rest)).status).toBe(202);
  });

  it('a second person, who is not the one that made the plan', async () => {
    const deviceIds = await someDevices(2);
    await guards({ secondPersonAbove: 1 });
    const planId = await plan({ deviceIds });
    expect((await execute(planId)).body.code).toBe('guard.second-person');
    const approve = (token: string) =>
      api.call('POST', `/v1/tenants/${tenantId}/deregistrationPlans/${planId}/approvals`, { token });
    expect((await approve(owner)).body.code).toBe('plan.own-approval');
    expect((await approve(await api.issuer.tokenOf('Tenant.Owner', tenantId, randomUUID()))).status).toBe(200);
    expect((await execute(planId)).status).toBe(202);
  });

  it('the number typed, where a filter chose the devices', async () => {
    await someDevices(3);
    const planId = await plan({ filter: { groupTag: 'Kiosk' } });
    expect((await execute(planId)).body.code).toBe('guard.typed-count');
    expect((await execute(planId, { typedCount: 2 })).body.code).toBe('guard.typed-count');
    expect((await execute(planId, { typedCount: 3 })).status).toBe(202);
  });

  it('an inventory that shrinks suspiciously within a day', async () => {
    const deviceIds = await someDevices(8);
    await guards({ shrinkFloor: 1, mostShrinkPercent: 25 });
    expect((await execute(await plan({ deviceIds: deviceIds.slice(0, 3) }))).body.code).toBe('guard.inventory-shrinks');
    expect((await execute(await plan({ deviceIds: deviceIds.slice(0, 2) }))).status).toBe(202);
    // One after the other they are as many.
    expect((await execute(await plan({ deviceIds: deviceIds.slice(2, 4) }))).body.code).toBe('guard.inventory-shrinks');
  });

  it('several of them are told together', async () => {
    const deviceIds = await someDevices(4);
    await guards({ mostPerRun: 2, secondPersonAbove: 1, shrinkFloor: 1 });
    expect(codesOf(await execute(await plan({ deviceIds })))).toEqual([
      'guard.run-limit',
      'guard.second-person',
      'guard.inventory-shrinks',
    ]);
  });
});
