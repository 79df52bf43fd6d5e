import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await startApi();
  operator = await api.issuer.tokenOf('Operator', randomUUID());
});
afterAll(() => api.close());

const newTenant = (body: object = { displayName: 'Contoso' }) =>
  api.call('POST', '/v1/tenants', { token: operator, body });
const newPartner = (body: object = {}) =>
  api.call('POST', '/v1/partners', {
    token: operator,
    body: { kind: 'oem', displayName: 'Northwind', directoryTenantId: randomUUID(), ...body },
  });

describe('onboarding', () => {
  it('goes from a tenant and a partner over consent to an order, by the people who may', async () => {
    const tenant = await newTenant();
    expect(tenant).toMatchObject({
      status: 201,
      body: { displayName: 'Contoso', kind: 'organisation', state: 'active' },
    });
    const partner = await newPartner();
    expect(partner).toMatchObject({ status: 201, body: { status: 'active', etag: '"1"' } });
    const tenantId = tenant.body.id as string;
    const owner = await api.issuer.tokenOf('Tenant.Owner', tenantId);
    const pipeline = await api.issuer.tokenOf('Oem.Pipeline', partner.body.directoryTenantId);
    const order = () =>
      api.call('POST', `/v1/partners/${partner.body.id}/orders`, {
        token: pipeline,
        body: { tenantId, devices: [{ hardwareIdentifier: 'AAAA' }] },
      });
    const consents = `/v1/tenants/${tenantId}/consents`;
    const grant = () => api.call('POST', consents, { token: owner, body: { partnerId: partner.body.id } });

    expect((await order()).body.code).toBe('consent.missing');
    const granted = await grant();
    expect(granted).toMatchObject({
      status: 201,
      body: { state: 'granted', decidedBy: expect.stringMatching(/^user:/) },
    });
    expect(await grant()).toMatchObject({ status: 200, body: { id: granted.body.id } });
    expect((await order()).status).toBe(202);

    const revoke = () => api.call('DELETE', `${consents}/${granted.body.id}`, { token: owner });
    expect(await revoke()).toMatchObject({ status: 200, body: { state: 'revoked' } });
    expect((await revoke()).body.code).toBe('consent.not-open');
    expect((await order()).body.code).toBe('consent.revoked');
    expect((await grant()).status).toBe(201);
    expect((await order()).status).toBe(202);

    const audit = await api.call('GET', `/v1/tenants/${tenantId}/auditEvents`, { token: owner });
    expect(audit.body.value.map((event: { action: string }) => event.action)).toEqual([
      'tenant.onboarded',
      'consent.granted',
      'order.accepted',
      'consent.revoked',
      'consent.granted',
      'order.accepted',
    ]);
    for (const [index, event] of audit.body.value.entries()) {
      expect(event.previous).toBe(index === 0 ? '' : audit.body.value[index - 1].hash);
    }
  });

  it('refuses an id twice', async () => {
    const id = randomUUID();
    expect((await newTenant({ id, displayName: 'Contoso', kind: 'school' })).status).toBe(201);
    expect(await newTenant({ id, displayName: 'Fabrikam' })).toMatchObject({
      status: 409,
      body: { code: 'tenant.exists' },
    });
    const directoryTenantId = randomUUID();
    expect((await newPartner({ directoryTenantId })).status).toBe(201);
    expect(await newPartner({ directoryTenantId })).toMatchObject({ status: 409, body: { code: 'partner.exists' } });
  });

  it('names every fault of a body', async () => {
    const { status, body } = await newTenant({ displayName: '', colour: 'red' });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'body.invalid' });
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(['/displayName', '/colour']);
  });
});

describe('a partner', () => {
  it('is changed only by who has seen how it is', async () => {
    const { body: partner } = await newPartner();
    const change = (status: string, ifMatch?: string) =>
      api.call('PATCH', `/v1/partners/${partner.id}`, {
        token: operator,
        body: { status },
        headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
      });
    expect(await change('suspended')).toMatchObject({ status: 428, body: { code: 'precondition.missing' } });
    expect(await change('suspended', '"7"')).toMatchObject({ status: 412, body: { code: 'precondition.failed' } });
    expect(await change('suspended', partner.etag)).toMatchObject({
      status: 200,
      body: { status: 'suspended', etag: '"2"' },
    });
    expect(await change('active', partner.etag)).toMatchObject({ status: 412 });
    const read = await api.call('GET', `/v1/partners/${partner.id}`, { token: operator });
    expect(read.headers.etag).toBe('"2"');
  });

  it('that nobody knows cannot be authorised', async () => {
    const tenantId = await api.registry.aTenant();
    const owner = await api.issuer.tokenOf('Tenant.Owner', tenantId);
    const grant = await api.call('POST', `/v1/tenants/${tenantId}/consents`, {
      token: owner,
      body: { partnerId: randomUUID() },
    });
    expect(grant).toMatchObject({ status: 404, body: { code: 'partner.not-found' } });
  });
});

describe('a user', () => {
  it('is added with licences and listed', async () => {
    const tenantId = await api.registry.aTenant();
    const owner = await api.issuer.tokenOf('Tenant.Owner', tenantId);
    const add = () =>
      api.call('POST', `/v1/tenants/${tenantId}/users`, {
        token: owner,
        body: { principalName: 'ada@contoso.test', displayName: 'Ada', licences: ['INTUNE_A', 'AAD_PREMIUM'] },
      });
    const added = await add();
    expect(added).toMatchObject({ status: 201, body: { licences: ['INTUNE_A', 'AAD_PREMIUM'] } });
    expect(await add()).toMatchObject({ status: 409, body: { code: 'user.exists' } });
    const { body } = await api.call('GET', `/v1/tenants/${tenantId}/users`, { token: owner });
    expect(body.value).toEqual([added.body]);
  });
});

describe('the database', () => {
  it('that is away is a 503 for now, and readiness says so', async () => {
    const away = await api.another({
      GROUNDCREW_DATABASE_API_URL: 'postgres://groundcrew_api:x@127.0.0.1:1/none',
      GROUNDCREW_DATABASE_OPERATOR_URL: 'postgres://groundcrew_operator:x@127.0.0.1:1/none',
    });
    const ask = async (url: string) => {
      const response = await away.inject({ url, headers: { authorization: `Bearer ${operator}` } });
      return { status: response.statusCode, code: (response.json() as { code?: string }).code };
    };
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
    expect(await ask('/readyz')).toEqual({ status: 503, code: 'service.unavailable' });
    expect(await ask('/v1/tenants')).toEqual({ status: 503, code: 'service.unavailable' });
  });
});
