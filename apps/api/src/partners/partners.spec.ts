import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerChunk } from '@groundcrew/persistence';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';
import { aCandidate } from '../../../../test/support/registry.js';

let api: TestApi;
let operator: string;
let worker: pg.Pool;

beforeAll(async () => {
  api = await startApi();
  operator = await api.issuer.tokenOf('Operator', randomUUID());
  worker = new pg.Pool({ connectionString: api.database.urls.worker, max: 2 });
});
afterAll(async () => {
  await worker.end();
  await api.close();
});

async function aPartner(kind: string, more: object = {}) {
  const directoryTenantId = randomUUID();
  const { body } = await api.call('POST', '/v1/partners', {
    token: operator,
    body: { kind, displayName: 'Northwind', directoryTenantId, ...more },
  });
  return {
    partnerId: body.id as string,
    status: body.status,
    pipeline: await api.issuer.tokenOf('Partner', directoryTenantId),
  };
}
const readPartner = async (id: string) => (await api.call('GET', `/v1/partners/${id}`, { token: operator })).body;
async function change(id: string, body: object) {
  const { etag } = await readPartner(id);
  return await api.call('PATCH', `/v1/partners/${id}`, { token: operator, body, headers: { 'if-match': etag } });
}
const auditOf = async (object: string) =>
  (
    await api.registry.admin.query(
      'select tenant_id, action, actor, data from registry.audit_event where object = $1 order by at, seq',
      [object],
    )
  ).rows;

describe('the status of a partner', () => {
  it.each([
    ['active', 'suspended', 'partner.suspended'],
    ['suspended', 'active', 'partner.reactivated'],
    ['active', 'ended', 'partner.ended'],
    ['suspended', 'ended', 'partner.ended'],
  ])('goes from %s to %s, and the audit chain says %s', async (from, to, action) => {
    const { partnerId, status } = await aPartner('distributor', { status: from });
    expect(status).toBe(from);
    expect(await change(partnerId, { status: to })).toMatchObject({ status: 200, body: { status: to } });
    const events = await auditOf(`partner/${partnerId}`);
    expect(events.map((event) => event.action)).toEqual(['partner.onboarded', action]);
    expect(events[1]).toMatchObject({ data: { from, to }, actor: expect.stringContaining('operator:') });
  });

  it('does not come back from its end, and is not made with one', async () => {
    const { partnerId } = await aPartner('oem');
    await change(partnerId, { status: 'ended' });
    for (const status of ['active', 'suspended']) {
      expect(await change(partnerId, { status })).toMatchObject({
        status: 409,
        body: { code: 'partner.status-unreachable', detail: 'The partner is ended.' },
      });
    }
    expect(await readPartner(partnerId)).toMatchObject({ status: 'ended', etag: '"2"' });
    const born = await api.call('POST', '/v1/partners', {
      token: operator,
      body: { kind: 'oem', displayName: 'N', directoryTenantId: randomUUID(), status: 'ended' },
    });
    expect(born.body.code).toBe('body.invalid');
  });

  it('that it has already changes nothing', async () => {
    const { partnerId } = await aPartner('oem');
    expect(await change(partnerId, { status: 'active' })).toMatchObject({ status: 200, body: { etag: '"1"' } });
    expect(await auditOf(`partner/${partnerId}`)).toHaveLength(1);
  });
});

describe('the provider behind a reseller', () => {
  const validate = async (partner: { partnerId: string; pipeline: string }, tenantId: string) =>
    (
      await api.call('GET', `/v1/partners/${partner.partnerId}/consents/validate?tenantId=${tenantId}`, {
        token: partner.pipeline,
      })
    ).body.code;
  const authorised = async (partnerId: string) => {
    const tenantId = await api.registry.aTenant();
    const owner = await api.issuer.tokenOf('Tenant.Owner', tenantId);
    const granted = await api.call('POST', `/v1/tenants/${tenantId}/consents`, { token: owner, body: { partnerId } });
    return { tenantId, owner, consentId: granted.body.id as string };
  };
  const consentOf = async (tenantId: string, partnerId: string) =>
    (
      await api.registry.admin.query(
        'select id, state, via_consent_id, in_flight from registry.consent where tenant_id = $1 and partner_id = $2',
        [tenantId, partnerId],
      )
    ).rows;

  it('is authorised at once wherever the reseller is, and each tenant finds that in its own chain', async () => {
    const [reseller, provider] = [await aPartner('indirect_reseller'), await aPartner('indirect_provider')];
    const customers = [await authorised(reseller.partnerId), await authorised(reseller.partnerId)];
    const gone = await authorised(reseller.partnerId);
    await api.call('DELETE', `/v1/tenants/${gone.tenantId}/consents/${gone.consentId}`, { token: gone.owner });
    expect(await validate(provider, customers[0]!.tenantId)).toBe('consent.missing');

    expect((await change(reseller.partnerId, { indirectProviderId: provider.partnerId })).status).toBe(200);
    for (const { tenantId, consentId } of customers) {
      expect(await validate(provider, tenantId)).toBeNull();
      const [consent] = await consentOf(tenantId, provider.partnerId);
      expect(consent).toMatchObject({ state: 'granted', via_consent_id: consentId });
      expect(await auditOf(`consent/${consent.id}`)).toMatchObject([
        { tenant_id: tenantId, action: 'consent.granted', data: { with: reseller.partnerId } },
      ]);
    }
    expect(await consentOf(gone.tenantId, provider.partnerId)).toEqual([]);
    expect((await auditOf(`partner/${reseller.partnerId}`)).at(-1)).toMatchObject({
      action: 'partner.provider-changed',
      data: { from: null, to: provider.partnerId, consents: 2 },
    });

    // Another one takes its place: the first has nothing to do with these customers any more.
    const other = await aPartner('indirect_provider');
    expect(await change(reseller.partnerId, { indirectProviderId: other.partnerId })).toMatchObject({ status: 200 });
    const { tenantId } = customers[0]!;
    expect(await validate(provider, tenantId)).toBe('consent.revoked');
    expect(await validate(other, tenantId)).toBeNull();
    const [ended] = await consentOf(tenantId, provider.partnerId);
    expect(ended).toMatchObject({ state: 'revoked', in_flight: 'stop_now' });
    expect((await auditOf(`consent/${ended.id}`)).map((event) => event.action)).toEqual([
      'consent.granted',
      'consent.revoked',
    ]);
    await change(reseller.partnerId, { indirectProviderId: null });
    expect(await validate(other, tenantId)).toBe('consent.revoked');
  });

  it('is in the chain of the tenant that authorises its reseller, and takes it back', async () => {
    const [reseller, provider] = [await aPartner('indirect_reseller'), await aPartner('indirect_provider')];
    await change(reseller.partnerId, { indirectProviderId: provider.partnerId });
    const { tenantId, owner, consentId } = await authorised(reseller.partnerId);
    await api.call('DELETE', `/v1/tenants/${tenantId}/consents/${consentId}`, { token: owner });
    const [consent] = await consentOf(tenantId, provider.partnerId);
    expect(await auditOf(`consent/${consent.id}`)).toMatchObject([
      { tenant_id: tenantId, action: 'consent.granted', data: { with: consentId } },
      { tenant_id: tenantId, action: 'consent.revoked', data: { with: consentId } },
    ]);
  });

  it('that has a consent of its own keeps that one', async () => {
    const [reseller, provider] = [await aPartner('indirect_reseller'), await aPartner('indirect_provider')];
    const { tenantId, owner, consentId } = await authorised(reseller.partnerId);
    const own = await api.call('POST', `/v1/tenants/${tenantId}/consents`, {
      token: owner,
      body: { partnerId: provider.partnerId },
    });
    await change(reseller.partnerId, { indirectProviderId: provider.partnerId });
    await api.call('DELETE', `/v1/tenants/${tenantId}/consents/${consentId}`, { token: owner });
    expect(await consentOf(tenantId, provider.partnerId)).toMatchObject([
      { id: own.body.id, state: 'granted', via_consent_id: null },
    ]);
  });

  it.each(['link', 'grant'])('is authorised when link and grant come at once and the %s is first', async (first) => {
    const [reseller, provider] = [await aPartner('indirect_reseller'), await aPartner('indirect_provider')];
    const link = () => change(reseller.partnerId, { indirectProviderId: provider.partnerId });
    const grant = () => authorised(reseller.partnerId);
    const calls = first === 'link' ? [link(), grant()] : [grant(), link()];
    const { tenantId } = (await Promise.all(calls)).find((done) => 'tenantId' in done) as { tenantId: string };
    expect(await validate(provider, tenantId)).toBeNull();
  });
});

describe('what a partner sees of a customer', () => {
  it('is what any partner registered, page by page, and never what the customer registered itself', async () => {
    const mine = await aCustomer(api);
    const other = await api.registry.aPartner();
    await api.registry.aConsent(mine.tenantId, other);
    const register = async (partnerId: string, serials: string[]) => {
      const runId = await api.registry.anOrder({ tenantId: mine.tenantId, partnerId, parts: [['{}']] });
      const candidates = serials.map((serialNumber, index) =>
        aCandidate(index + 1, { serialNumber, purchaseOrder: `PO-${serialNumber}` }),
      );
      const key = { runId, tenantId: mine.tenantId, chunk: 1 };
      await registerChunk(worker, key, { candidates, rejected: [] }, api.registry.sealer);
    };
    await register(mine.partnerId, ['A1', 'A2']);
    await register(other, ['B1', 'OWN']);
    await api.registry.admin.query(
      `update registry.device set registrar_kind = 'tenant', registrar_id = tenant_id where tenant_id = $1 and serial_number = 'OWN'`,
      [mine.tenantId],
    );
    const list = (more = '', token = mine.pipeline) =>
      api.call('GET', `/v1/partners/${mine.partnerId}/registrations?tenantId=${mine.tenantId}${more}`, { token });

    const first = await list('&maxpagesize=2');
    expect(first.body.value).toHaveLength(2);
    const rest = await list(
      `&maxpagesize=2&continuation=${new URL(first.body.nextLink).searchParams.get('continuation')}`,
    );
    const seen = [...first.body.value, ...rest.body.value];
    expect(seen.map((device) => [device.serialNumber, device.registeredBy]).sort()).toEqual([
      ['A1', 'you'],
      ['A2', 'you'],
      ['B1', 'another_partner'],
    ]);
    expect(JSON.stringify(seen)).not.toContain(other);
    expect((await list('&serialNumber=B1')).body.value).toHaveLength(1);
    expect((await list('&purchaseOrderIdentifier=PO-A2')).body.value).toHaveLength(1);
    expect((await list('&serialNumber=OWN')).body.value).toEqual([]);

    expect((await list('', mine.owner)).status).toBe(403);
    const stranger = await aCustomer(api);
    expect((await list('', stranger.pipeline)).body.code).toBe('partner.not-found');
    const foreign = await api.call(
      'GET',
      `/v1/partners/${stranger.partnerId}/registrations?tenantId=${mine.tenantId}`,
      {
        token: stranger.pipeline,
      },
    );
    expect(foreign.body.code).toBe('consent.missing');
    await api.registry.admin.query(`update registry.consent set state = 'revoked' where partner_id = $1`, [
      mine.partnerId,
    ]);
    expect((await list()).body.code).toBe('consent.revoked');
    await api.registry.admin.query(`update registry.partner set status = 'suspended' where id = $1`, [mine.partnerId]);
    expect((await list()).body.code).toBe('partner.suspended');
  });

  it('stays closed where its row names a device that the customer registered itself: 806, and what comes next', async () => {
    const { tenantId, partnerId, pipeline, owner } = await aCustomer(api);
    const send = async (candidate: ReturnType<typeof aCandidate>) => {
      const runId = await api.registry.anOrder({ tenantId, partnerId, parts: [['{}']] });
      const key = { runId, tenantId, chunk: 1 };
      await registerChunk(worker, key, { candidates: [candidate], rejected: [] }, api.registry.sealer);
      const read = async (token: string) =>
        (await api.call('GET', `/v1/operations/${runId}/items`, { token })).body.value;
      return { forPartner: await read(pipeline), forTenant: await read(owner) };
    };
    const own = aCandidate(1);
    await send(own);
    const partners = await send(aCandidate(1, { claims: own.claims }));
    expect(partners.forPartner).toMatchObject([{ verdict: 'already_registered', deviceId: own.deviceId }]);

    await api.registry.admin.query(
      `update registry.device set registrar_kind = 'tenant', registrar_id = tenant_id where tenant_id = $1`,
      [tenantId],
    );
    const before = await api.registry.admin.query('select * from registry.device where tenant_id = $1', [tenantId]);
    const { forPartner, forTenant } = await send(aCandidate(1, { claims: own.claims }));
    expect(forPartner).toMatchObject([
      {
        verdict: 'already_registered',
        number: 806,
        name: 'ZtdDeviceAlreadyAssigned',
        deviceId: null,
        message: null,
        next: expect.stringContaining('it deregisters the device'),
      },
    ]);
    expect(forTenant).toMatchObject([{ deviceId: own.deviceId, next: forPartner[0].next }]);
    const after = await api.registry.admin.query('select * from registry.device where tenant_id = $1', [tenantId]);
    expect(after.rows).toEqual(before.rows);
    const seen = await api.call('GET', `/v1/partners/${partnerId}/registrations?tenantId=${tenantId}`, {
      token: pipeline,
    });
    expect(seen.body.value).toEqual([]);
  });

  it('needs the customer to be named', async () => {
    const { partnerId, pipeline } = await aCustomer(api);
    const { status, body } = await api.call('GET', `/v1/partners/${partnerId}/registrations`, { token: pipeline });
    expect({ status, errors: body.errors }).toMatchObject({
      status: 400,
      errors: [{ pointer: 'tenantId', code: 'required' }],
    });
  });
});
