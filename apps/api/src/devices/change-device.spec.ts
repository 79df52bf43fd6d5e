import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

describe('changing a device', () => {
  let api: TestApi;
  let customer: Awaited<ReturnType<typeof aCustomer>>;
  let deviceId: string;

  beforeAll(async () => {
    api = await startApi();
    customer = await aCustomer(api);
    await api.registry.admin.query(
      `insert into registry.tenant_domain (tenant_id, name, added_by) values ($1, 'contoso.com', 'test')`,
      [customer.tenantId],
    );
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    deviceId = await aDevice();
  });

  async function aDevice(more: { observed?: boolean } = {}): Promise<string> {
    const id = randomUUID();
    await api.registry.admin.query(
      `insert into registry.device (tenant_id, id, serial_number, group_tag, purchase_order, registrar_kind, registrar_id,
         source_run_id, source_line, hash_level) values ($1, $2, 'S1', 'Kiosk', 'PO-1', 'tenant', $1, $2, 1, 'full')`,
      [customer.tenantId, id],
    );
    if (more.observed !== false)
      await api.registry.admin.query(
        'insert into registry.device_directory_object (tenant_id, device_id, object_id) values ($1, $2, $3)',
        [customer.tenantId, id, randomUUID()],
      );
    return id;
  }
  const path = () => `/v1/tenants/${customer.tenantId}/devices/${deviceId}`;
  const patch = (body: object, match: string | null = '"1"', token = customer.owner) =>
    api.call('PATCH', path(), { token, body, ...(match !== null && { headers: { 'if-match': match } }) });
  const rows = async (sql: string) => (await api.registry.admin.query(sql, [deviceId])).rows;

  it('merges: what is not named stays, null takes away', async () => {
    const first = await patch({ assignedUserPrincipalName: 'ada@contoso.com', displayName: 'Kiosk-7' });
    expect(first).toMatchObject({
      status: 200,
      body: {
        groupTag: 'Kiosk',
        purchaseOrderIdentifier: 'PO-1',
        assignedUserPrincipalName: 'ada@contoso.com',
        displayName: 'Kiosk-7',
        // Rules may ask for the name.
        operationId: expect.any(String),
        etag: '"2.observed"',
      },
    });
    const second = await patch({ assignedUserPrincipalName: null }, first.body.etag);
    expect(second.body).toMatchObject({ groupTag: 'Kiosk', assignedUserPrincipalName: null, displayName: 'Kiosk-7' });
    const third = await patch({ displayName: null, groupTag: null }, '"3"');
    expect(third.body).toMatchObject({ groupTag: null, assignedUserPrincipalName: null, displayName: null });
    expect(await rows('select 1 from registry.device_designation where device_id = $1')).toEqual([]);
    expect((await api.call('GET', path(), { token: customer.owner })).body).toMatchObject({ groupTag: null });
    expect(await rows(`select data from registry.audit_event where object = 'device/' || $1 order by seq`)).toEqual([
      { data: { assignedUserPrincipalName: 'ada@contoso.com', displayName: 'Kiosk-7' } },
      { data: { assignedUserPrincipalName: null } },
      { data: { displayName: null, groupTag: null } },
    ]);
  });

  it('by another group tag asks for an assignment run and for other tags in the directory', async () => {
    const { body } = await patch({ groupTag: 'Desk' });
    expect(await rows(`select kind, subject, device_ids from registry.assignment_cause where subject = $1`)).toEqual([
      { kind: 'device', subject: deviceId, device_ids: [deviceId] },
    ]);
    expect(await api.call('GET', `/v1/operations/${body.operationId}`, { token: customer.owner })).toMatchObject({
      status: 200,
      body: { kind: 'assignment' },
    });
    expect(await rows('select device_id from registry.device_retag where device_id = $1')).toHaveLength(1);
  });

  it('into what it is already changes nothing and asks nobody', async () => {
    const { status, body } = await patch({ groupTag: 'Kiosk' });
    expect({ status, etag: body.etag, run: body.operationId }).toEqual({
      status: 200,
      etag: '"1.observed"',
      run: null,
    });
    expect(await rows(`select 1 from registry.audit_event where object = 'device/' || $1`)).toEqual([]);
  });

  it.each([
    ['a version that is old', { groupTag: 'X' }, '"7"', 412, 'precondition.failed'],
    ['no version', { groupTag: 'X' }, null, 428, 'precondition.missing'],
    ['a user of nobody’s domain', { assignedUserPrincipalName: 'eve@fabrikam.com' }, '"1"', 422, 'user.domain-unknown'],
    ['no principal name', { assignedUserPrincipalName: 'ada' }, '"1"', 400, 'body.invalid'],
    ['a name of digits', { displayName: '123' }, '"1"', 400, 'body.invalid'],
    ['a purchase order', { purchaseOrderIdentifier: 'PO-2' }, '"1"', 400, 'body.invalid'],
    ['nothing', {}, '"1"', 400, 'body.invalid'],
  ])('is refused with %s', async (_, body, match, status, code) => {
    const refused = await patch(body, match);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status, code });
    expect(await rows('select version from registry.device where id = $1')).toEqual([{ version: 1 }]);
  });

  it('is refused while a run has it, and names the run', async () => {
    const runId = await api.registry.anOrder({ tenantId: customer.tenantId, partnerId: null, parts: [['{}']] });
    await api.registry.admin.query(
      `insert into registry.device_reservation (tenant_id, device_id, run_id, kind) values ($1, $2, $3, 'deregistration')`,
      [customer.tenantId, deviceId, runId],
    );
    expect(await patch({ groupTag: 'X' })).toMatchObject({
      status: 409,
      body: { code: 'device.busy', operationId: runId },
    });
    deviceId = await aDevice({ observed: false });
    expect(await patch({ groupTag: 'X' })).toMatchObject({
      status: 409,
      body: { code: 'device.busy', operationId: deviceId },
    });
  });

  it('for somebody is refused where the device is a HoloLens', async () => {
    await api.registry.admin.query(
      `insert into registry.device_facts (tenant_id, device_id, device_type) values ($1, $2, 'holoLens')`,
      [customer.tenantId, deviceId],
    );
    expect((await patch({ assignedUserPrincipalName: 'ada@contoso.com' })).body.code).toBe('device.takes-no-user');
    expect((await patch({ groupTag: 'Lens' })).status).toBe(200);
  });

  it('of another tenant finds nothing', async () => {
    const other = await aCustomer(api);
    const found = await api.call('PATCH', `/v1/tenants/${other.tenantId}/devices/${deviceId}`, {
      token: other.owner,
      body: { groupTag: 'X' },
      headers: { 'if-match': '"1"' },
    });
    expect(found).toMatchObject({ status: 404, body: { code: 'device.not-found' } });
  });
});
