import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await startApi();
  operator = await api.issuer.tokenOf('Operator', randomUUID());
});
afterAll(() => api.close());

/** A tenant and a partner that know nothing of each other. */
async function strangers(kind = 'oem') {
  const tenantId = await api.registry.aTenant();
  const directoryTenantId = randomUUID();
  const { body } = await api.call('POST', '/v1/partners', {
    token: operator,
    body: { kind, displayName: 'Northwind', directoryTenantId },
  });
  const partnerId = body.id as string;
  const owner = await api.issuer.tokenOf('Tenant.Owner', tenantId);
  const otherOwner = await api.issuer.tokenOf('Tenant.Owner', tenantId, randomUUID());
  const pipeline = await api.issuer.tokenOf('Oem.Pipeline', directoryTenantId);
  const ask = (scope?: object) =>
    api.call('POST', `/v1/partners/${partnerId}/consentRequests`, {
      token: pipeline,
      body: { tenantId, ...(scope && { scope }) },
    });
  const linkOf = (asked: { body: { link: string } }) => new URL(asked.body.link).pathname;
  const order = (more: object = {}) =>
    api.call('POST', `/v1/partners/${partnerId}/orders`, {
      token: pipeline,
      body: { tenantId, devices: [{ hardwareIdentifier: 'AAAA' }], ...more },
    });
  const validate = async (query = '') =>
    (
      await api.call('GET', `/v1/partners/${partnerId}/consents/validate?tenantId=${tenantId}${query}`, {
        token: pipeline,
      })
    ).body;
  return { tenantId, partnerId, directoryTenantId, owner, otherOwner, pipeline, ask, linkOf, order, validate };
}

const post = (url: string, token: string) => api.call('POST', url, { token });
const stateIn = async (tenantId: string) =>
  (
    await api.registry.admin.query('select state from registry.consent where tenant_id = $1 order by created_at', [
      tenantId,
    ])
  ).rows.map((row) => row.state);

/** The tables of ours in which a text stands somewhere. */
async function tablesWith(text: string): Promise<string[]> {
  const { admin } = api.registry;
  const { rows } = await admin.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname = 'registry'`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await admin.query(`select 1 from ${name} t where strpos(t::text, $1) > 0 limit 1`, [text]);
    if (rowCount! > 0) found.push(name);
  }
  return found;
}

describe('a partner asks', () => {
  it('and is answered with a link that the owner opens, grants, and that both sides remember alike', async () => {
    const s = await strangers();
    expect((await s.order()).body.code).toBe('consent.missing');
    const asked = await s.ask({ models: ['Book 5'], quantity: 10 });
    expect(asked).toMatchObject({
      status: 202,
      body: {
        consent: { state: 'requested', scope: { models: ['Book 5'], quantity: 10 }, delegatedAdministration: false },
        operation: { kind: 'consent', status: 'NotStarted' },
      },
    });
    expect(await s.validate()).toMatchObject({ covered: false, code: 'consent.pending' });
    const link = s.linkOf(asked);
    const seen = await api.call('GET', link, { token: s.owner });
    expect(seen.body).toMatchObject({ partner: { displayName: 'Northwind', kind: 'oem' }, scope: { quantity: 10 } });
    expect(await post(`${link}/grant`, s.owner)).toMatchObject({ status: 200, body: { state: 'granted' } });
    expect((await s.order()).status).toBe(202);

    const { id } = asked.body.consent;
    const ofTenant = await api.call('GET', `/v1/tenants/${s.tenantId}/consents/${id}`, { token: s.owner });
    const ofPartner = await api.call('GET', `/v1/partners/${s.partnerId}/consents/${id}`, { token: s.pipeline });
    expect(ofTenant.body).toEqual(ofPartner.body);
    expect(ofTenant.body.history.map((event: { kind: string }) => event.kind)).toEqual(['requested', 'granted']);
    const listed = await api.call('GET', `/v1/partners/${s.partnerId}/consents`, { token: s.pipeline });
    expect(listed.body.value).toHaveLength(1);
    for (const token of [s.owner, s.pipeline]) {
      expect((await api.call('GET', `/v1/operations/${asked.body.operation.id}`, { token })).status).toBe(200);
    }
  });

  it('and the secret of the link lies in no table, not while it is open and not after, and the same call hears it again', async () => {
    const s = await strangers();
    const key = randomUUID();
    const again = () =>
      api.call('POST', `/v1/partners/${s.partnerId}/consentRequests`, {
        token: s.pipeline,
        body: { tenantId: s.tenantId },
        key,
      });
    const asked = await again();
    const link = s.linkOf(asked);
    const secret = link.split('/').at(-1)!;
    expect(await tablesWith(secret)).toEqual([]);
    const replayed = await again();
    expect(replayed.headers['idempotency-replayed']).toBe('true');
    expect(replayed.body).toEqual(asked.body);
    const { rows } = await api.registry.admin.query(
      'select answer, sealed_answer from registry.idempotency_key where key = $1',
      [key],
    );
    expect(rows[0].answer).toBeNull();
    expect(rows[0].sealed_answer.length).toBeGreaterThan(100);
    const decision = randomUUID();
    const grant = () => api.call('POST', `${link}/grant`, { token: s.owner, key: decision });
    expect((await grant()).status).toBe(200);
    expect((await grant()).headers['idempotency-replayed']).toBe('true');
    expect(await tablesWith(secret)).toEqual([]);
    const digest = createHash('sha256').update(secret).digest();
    expect((await tablesWith(digest.toString('hex'))).sort()).toEqual(['registry.consent', 'registry.idempotency_key']);
  });

  it('is refused while one is open, and may ask again after it was declined', async () => {
    const s = await strangers();
    const first = await s.ask();
    expect((await s.ask()).body.code).toBe('consent.already-open');
    const both = await Promise.all([s.ask(), s.ask()]);
    expect(both.map((answer) => answer.status)).toEqual([409, 409]);
    await post(`${s.linkOf(first)}/decline`, s.owner);
    expect((await s.order()).body.code).toBe('consent.declined');
    expect((await s.ask()).status).toBe(202);
    expect(await stateIn(s.tenantId)).toEqual(['declined', 'requested']);
  });

  it.each(['suspended', 'ended'])('is refused when it is %s, and so is its validation', async (status) => {
    const s = await strangers();
    await api.registry.admin.query('update registry.partner set status = $2 where id = $1', [s.partnerId, status]);
    expect((await s.ask()).body.code).toBe(`partner.${status}`);
    expect(await s.validate()).toMatchObject({ covered: false, code: `partner.${status}` });
  });

  it.each(['Device.Administrator', 'HelpDesk', 'Reader', 'Auditor'])(
    'and %s is told that an owner decides',
    async (role) => {
      const s = await strangers();
      const link = s.linkOf(await s.ask());
      const token = await api.issuer.tokenOf(role, s.tenantId);
      expect(await post(`${link}/grant`, token)).toMatchObject({ status: 403, body: { code: 'consent.needs-owner' } });
      expect((await api.call('GET', link, { token })).body.code).toBe('consent.needs-owner');
      expect(await stateIn(s.tenantId)).toEqual(['requested']);
    },
  );

  it('and the owner of another tenant finds nothing behind the link', async () => {
    const s = await strangers();
    const other = await strangers();
    const link = s.linkOf(await s.ask());
    expect((await post(`${link}/grant`, other.owner)).body.code).toBe('consent.not-found');
    expect((await api.call('GET', link, { token: other.owner })).status).toBe(404);
  });
});

describe('one outcome', () => {
  it('when two people decide at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const s = await strangers();
      const link = s.linkOf(await s.ask());
      const answers = await Promise.all([post(`${link}/grant`, s.owner), post(`${link}/decline`, s.otherOwner)]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
      const won = answers.find((answer) => answer.status === 200)!;
      expect(await stateIn(s.tenantId)).toEqual([won.body.state]);
      expect(answers.find((answer) => answer.status === 409)!.body.code).toBe('consent.link-used');
    }
  });

  it('when the link is used twice', async () => {
    const s = await strangers();
    const link = s.linkOf(await s.ask());
    await post(`${link}/grant`, s.owner);
    for (const verb of ['grant', 'decline']) {
      expect(await post(`${link}/${verb}`, s.owner)).toMatchObject({
        status: 409,
        body: { code: 'consent.link-used' },
      });
    }
    expect(await stateIn(s.tenantId)).toEqual(['granted']);
  });

  it('when the tenant is offboarded: what is asked is declined, what was granted revoked, and nobody may ask again', async () => {
    const s = await strangers();
    await s.ask();
    const granted = await api.registry.aPartner();
    await api.registry.aConsent(s.tenantId, granted);
    const gone = await api.call('PATCH', `/v1/tenants/${s.tenantId}`, {
      token: operator,
      body: { state: 'offboarded' },
      headers: { 'if-match': '"1"' },
    });
    expect(gone).toMatchObject({ status: 200, body: { state: 'offboarded' } });
    expect((await stateIn(s.tenantId)).sort()).toEqual(['declined', 'revoked']);
    expect((await s.ask()).body.code).toBe('tenant.not-found');
    expect(await s.validate()).toMatchObject({ code: 'tenant.not-found' });
    const { rows } = await api.registry.admin.query(
      `select o.topic from registry.outbox o join registry.run r on r.id = o.run_id where r.tenant_id = $1 order by o.id`,
      [s.tenantId],
    );
    expect(rows.map((row) => row.topic)).toEqual(['start_run', 'consent_decided']);
  });
});

describe('the scope', () => {
  it('says before shipping, and at the door, why an order is not covered', async () => {
    const s = await strangers();
    const link = s.linkOf(await s.ask({ models: ['Book 5'], purchaseOrders: ['PO-1'], quantity: 3 }));
    await post(`${link}/grant`, s.owner);
    expect(await s.validate('&model=book 5&purchaseOrderIdentifier=PO-1&quantity=3')).toEqual({
      covered: true,
      code: null,
      message: null,
    });
    expect(await s.validate('&model=Book 6')).toMatchObject({ covered: false, code: 'consent.model-not-covered' });
    expect(await s.validate('&purchaseOrderIdentifier=PO-2')).toMatchObject({
      code: 'consent.purchase-order-not-covered',
    });
    expect(await s.validate('&quantity=4')).toMatchObject({ code: 'consent.quantity-exceeded' });
    expect((await s.order({ purchaseOrderIdentifier: 'PO-2' })).body.code).toBe('consent.purchase-order-not-covered');
    expect((await s.order({ purchaseOrderIdentifier: 'PO-1' })).status).toBe(202);
  });

  it.each([
    ['consent.not-yet', { notBefore: '2999-01-01T00:00:00Z' }],
    ['consent.over', { notAfter: '2020-01-01T00:00:00Z' }],
  ])('with dates refuses as %s', async (code, scope) => {
    const s = await strangers();
    await post(`${s.linkOf(await s.ask(scope))}/grant`, s.owner);
    expect((await s.order()).body.code).toBe(code);
    expect(await s.validate()).toMatchObject({ code });
  });
});

describe('the indirect provider of a reseller', () => {
  it('is authorised with it, acts only while the reseller is active, and ends with it', async () => {
    const reseller = await strangers('indirect_reseller');
    const provider = await strangers('indirect_provider');
    const link = (indirectProviderId: string) =>
      api.call('PATCH', `/v1/partners/${reseller.partnerId}`, {
        token: operator,
        body: { indirectProviderId },
        headers: { 'if-match': '"1"' },
      });
    expect((await link(reseller.partnerId)).body.code).toBe('partner.no-provider');
    expect((await link(provider.partnerId)).body).toMatchObject({ indirectProviderId: provider.partnerId });
    const asked = await reseller.ask();
    await post(`${reseller.linkOf(asked)}/grant`, reseller.owner);
    const validate = async () =>
      (
        await api.call('GET', `/v1/partners/${provider.partnerId}/consents/validate?tenantId=${reseller.tenantId}`, {
          token: provider.pipeline,
        })
      ).body;
    expect(await validate()).toMatchObject({ covered: true });
    await api.registry.admin.query(`update registry.partner set status = 'suspended' where id = $1`, [
      reseller.partnerId,
    ]);
    expect(await validate()).toMatchObject({ code: 'partner.suspended' });
    await api.registry.admin.query(`update registry.partner set status = 'active' where id = $1`, [reseller.partnerId]);
    const address = `/v1/tenants/${reseller.tenantId}/consents/${asked.body.consent.id}`;
    await api.call('DELETE', `${address}?inFlight=finish_accepted`, { token: reseller.owner });
    expect(await validate()).toMatchObject({ code: 'consent.revoked' });
  });
});
