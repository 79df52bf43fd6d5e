import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partnerKinds, type PartnerKind } from '@groundcrew/domain';
import { randomUUID } from 'node:crypto';
import { startApi, type TestApi } from '../../../../test/support/api.js';

/** The three things by which a file in Partner Center's form names its devices. Source: domain.md 1.3, 1.4. */
const forms = {
  hash: 'Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model\r\nS1,,AAAA,Fabrikam,Book 5',
  'product id': 'Device Serial Number,Windows Product ID,Hardware Hash\r\nS1,00330-00001,',
  tuple: 'OEM manufacturer name,Device serial number,Device model\r\nFabrikam,S1,Book 5',
};

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await startApi();
  operator = await api.issuer.tokenOf('Operator', randomUUID());
});
afterAll(() => api.close());

/** A partner of this kind that a tenant has authorised. */
async function anAuthorised(kind: PartnerKind) {
  const tenantId = await api.registry.aTenant();
  const directoryTenantId = randomUUID();
  const { body } = await api.call('POST', '/v1/partners', {
    token: operator,
    body: { kind, displayName: 'Northwind', directoryTenantId },
  });
  const partnerId = body.id as string;
  await api.registry.aConsent(tenantId, partnerId);
  const token = await api.issuer.tokenOf('Partner', directoryTenantId);
  const csv = (text: string) =>
    api.call('POST', `/v1/partners/${partnerId}/orders?tenantId=${tenantId}&groupTag=Kiosk`, {
      token,
      body: text,
      headers: { 'content-type': 'text/csv' },
    });
  const json = (device: object) =>
    api.call('POST', `/v1/partners/${partnerId}/orders`, { token, body: { tenantId, devices: [device] } });
  return { tenantId, partnerId, csv, json };
}
const setStatus = (partnerId: string, status: string) =>
  api.registry.admin.query('update registry.partner set status = $2 where id = $1', [partnerId, status]);

describe.each(partnerKinds)('a partner of the kind %s', (kind) => {
  it.each(Object.entries(forms))('sends a file that names its devices by %s', async (_, text) => {
    const partner = await anAuthorised(kind);
    const { status, body } = await partner.csv(text);
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { kind: 'registration_order', partnerId: partner.partnerId, tenantId: partner.tenantId, received: 1 },
    });
  });

  it('is refused with its reason while it is not active, and goes on when it is again', async () => {
    const partner = await anAuthorised(kind);
    await setStatus(partner.partnerId, 'suspended');
    expect(await partner.csv(forms.hash)).toMatchObject({ status: 403, body: { code: 'partner.suspended' } });
    expect((await partner.json({ hardwareHash: 'AAAA' })).body.code).toBe('partner.suspended');
    await setStatus(partner.partnerId, 'active');
    expect((await partner.json({ hardwareHash: 'AAAA' })).status).toBe(202);
    await setStatus(partner.partnerId, 'ended');
    expect((await partner.csv(forms.tuple)).body.code).toBe('partner.ended');
  });
});

it('an indirect provider without a consent of its own orders while its reseller is active, and no longer', async () => {
  const provider = await anAuthorised('indirect_provider');
  const reseller = await anAuthorised('indirect_reseller');
  await api.registry.admin.query(`update registry.consent set state = 'declined' where partner_id = $1`, [
    provider.partnerId,
  ]);
  await api.call('PATCH', `/v1/partners/${reseller.partnerId}`, {
    token: operator,
    body: { indirectProviderId: provider.partnerId },
    headers: { 'if-match': '"1"' },
  });
  const { rows } = await api.registry.admin.query(
    'select directory_tenant_id as id from registry.partner where id = $1',
    [provider.partnerId],
  );
  const token = await api.issuer.tokenOf('Partner', rows[0].id);
  const order = () =>
    api.call('POST', `/v1/partners/${provider.partnerId}/orders?tenantId=${reseller.tenantId}`, {
      token,
      body: forms.hash,
      headers: { 'content-type': 'text/csv' },
    });
  expect((await order()).status).toBe(202);
  await setStatus(reseller.partnerId, 'suspended');
  expect((await order()).body.code).toBe('partner.suspended');
  await setStatus(reseller.partnerId, 'active');
  expect((await order()).status).toBe(202);
  await setStatus(provider.partnerId, 'ended');
  expect((await order()).body.code).toBe('partner.ended');
});
