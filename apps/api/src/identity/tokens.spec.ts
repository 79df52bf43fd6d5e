import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPair, UnsecuredJWT, type CryptoKey } from 'jose';
import { randomUUID } from 'node:crypto';
import { aCustomer, inject, startApi, type TestApi } from '../../../../test/support/api.js';
import { startIssuer } from '../../../../test/support/issuer.js';

let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;

beforeAll(async () => {
  api = await startApi();
  customer = await aCustomer(api);
});
afterAll(() => api.close());

const now = () => Math.floor(Date.now() / 1000);
const whoami = async (token: string) => {
  const { status, body } = await api.call('GET', '/v1/whoami', { token });
  return status === 200 ? body : { status, code: body.code };
};
const rejected = { status: 401, code: 'token.rejected' };

describe('a token', () => {
  it('of a user says who he is and what he may', async () => {
    expect(await whoami(customer.owner)).toMatchObject({
      kind: 'user',
      roles: ['tenant_owner'],
      tenantId: customer.tenantId,
      partnerId: null,
    });
  });

  it('of a pipeline speaks for the partner of its directory tenant', async () => {
    expect(await whoami(customer.pipeline)).toMatchObject({
      kind: 'application',
      roles: ['oem_pipeline'],
      tenantId: null,
      partnerId: customer.partnerId,
    });
  });

  it.each([
    ['62e90394-69f5-4237-9190-012177145e10', 'tenant_owner'],
    ['3a2c62db-5318-420d-8d74-23affee5d9d5', 'device_administrator'],
  ])('with the directory role %s holds %s', async (wid, role) => {
    const claims = { ...api.issuer.claimsOf('Reader', customer.tenantId), roles: undefined, wids: [wid] };
    expect(await whoami(await api.issuer.sign(claims))).toMatchObject({ roles: [role] });
  });

  it('that ran out less than a minute ago is still taken: clocks differ', async () => {
    const claims = { ...api.issuer.claimsOf('Reader', customer.tenantId), exp: now() - 30 };
    expect(await whoami(await api.issuer.sign(claims))).toMatchObject({ roles: ['reader'] });
  });

  const wrongs: [string, () => Record<string, unknown>][] = [
    ['that ran out', () => ({ exp: now() - 90 })],
    ['without an end', () => ({ exp: undefined })],
    ['that is not valid yet', () => ({ nbf: now() + 90 })],
    ['for another audience', () => ({ aud: 'api://other' })],
    ['without an audience', () => ({ aud: undefined })],
    ['of the operators’ audience', () => ({ aud: 'api://groundcrew-operators' })],
    ['of another issuer', () => ({ iss: `https://evil.test/tenants/${customer.tenantId}/v2.0` })],
    ['without an issuer', () => ({ iss: undefined })],
    ['whose issuer is another tenant’s', () => ({ iss: `${api.issuer.url}/tenants/${randomUUID()}/v2.0` })],
    ['whose tenant is not the issuer’s', () => ({ tid: randomUUID() })],
    ['without a tenant', () => ({ tid: undefined })],
    ['with a tenant that is no id', () => ({ tid: '../operators' })],
    ['of version 1', () => ({ ver: '1.0' })],
    ['without a version', () => ({ ver: undefined })],
    ['of a user without a scope', () => ({ scp: undefined })],
    ['of a user without an object id', () => ({ oid: undefined })],
    ['of a user whose object id is a name', () => ({ oid: 'someone@contoso.test' })],
    ['of an application that has a scope', () => ({ idtyp: 'app', azp: randomUUID() })],
    ['of an application without a client id', () => ({ idtyp: 'app', scp: undefined, azp: undefined })],
    ['of an application without roles', () => ({ idtyp: 'app', scp: undefined, azp: randomUUID(), roles: undefined })],
    ['of an unknown kind', () => ({ idtyp: 'device' })],
  ];
  it.each(wrongs)('%s is rejected', async (_, change) => {
    const claims = { ...api.issuer.claimsOf('Tenant.Owner', customer.tenantId), ...change() };
    expect(await whoami(await api.issuer.sign(claims))).toEqual(rejected);
  });

  it('of a tenant that is not onboarded is rejected', async () => {
    expect(await whoami(await api.issuer.tokenOf('Tenant.Owner', randomUUID()))).toEqual(rejected);
  });

  it('of a tenant that was offboarded is rejected', async () => {
    const tenantId = await api.registry.aTenant();
    await api.registry.admin.query(`update registry.tenant set state = 'offboarded' where id = $1`, [tenantId]);
    expect(await whoami(await api.issuer.tokenOf('Tenant.Owner', tenantId))).toEqual(rejected);
  });

  it('with a role that its tenant cannot give holds none', async () => {
    for (const role of ['Operator', 'Oem.Pipeline', 'Partner', 'constructor']) {
      const claims = { ...api.issuer.claimsOf('Reader', customer.tenantId), roles: [role] };
      expect(await whoami(await api.issuer.sign(claims))).toEqual({ status: 403, code: 'access.denied' });
    }
  });

  it('of the operators’ issuer holds no other role', async () => {
    const claims = { ...api.issuer.claimsOf('Operator', customer.tenantId), roles: ['Tenant.Owner'] };
    expect(await whoami(await api.issuer.sign(claims))).toEqual({ status: 403, code: 'access.denied' });
  });

  it('that was accepted is not when its time is over, nor when its tenant is', async () => {
    const tenantId = await api.registry.aTenant();
    // Clocks may differ by a minute: it has two seconds left.
    const token = await api.issuer.sign({ ...api.issuer.claimsOf('Reader', tenantId), exp: now() - 58 });
    const lasting = await api.issuer.sign({ ...api.issuer.claimsOf('Reader', tenantId) });
    expect(await whoami(token)).toMatchObject({ roles: ['reader'] });
    expect(await whoami(lasting)).toMatchObject({ roles: ['reader'] });
    while (now() <= Number(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).exp) + 60)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await whoami(token)).toEqual(rejected);
    await api.registry.admin.query(`update registry.tenant set state = 'offboarded' where id = $1`, [tenantId]);
    expect(await whoami(lasting)).toEqual(rejected);
  });

  it('signed with another key, another algorithm or none is rejected', async () => {
    const claims = api.issuer.claimsOf('Tenant.Owner', customer.tenantId);
    const stranger = await generateKeyPair('RS256');
    const pss = await generateKeyPair('PS256');
    const secret = new TextEncoder().encode(JSON.stringify(api.issuer.publicJwk)) as unknown as CryptoKey;
    const forged = [
      await api.issuer.sign(claims, { key: stranger.privateKey }),
      await api.issuer.sign(claims, { key: pss.privateKey, alg: 'PS256' }),
      await api.issuer.sign(claims, { key: secret, alg: 'HS256' }),
      await api.issuer.sign(claims, { kid: 'unknown' }),
      new UnsecuredJWT(claims).encode(),
    ];
    for (const token of forged) expect(await whoami(token)).toEqual(rejected);
  });

  it('with any one character changed is rejected', async () => {
    const [header, payload, signature] = customer.owner.split('.') as [string, string, string];
    for (let index = 0; index < signature.length - 1; index += 17) {
      const swapped = signature[index] === 'A' ? 'B' : 'A';
      const token = `${header}.${payload}.${signature.slice(0, index)}${swapped}${signature.slice(index + 1)}`;
      expect(await whoami(token)).toEqual(rejected);
    }
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const raised = Buffer.from(JSON.stringify({ ...claims, roles: ['Operator'] })).toString('base64url');
    expect(await whoami(`${header}.${raised}.${signature}`)).toEqual(rejected);
  });

  it.each(['', 'Bearer', 'Basic abc', 'Bearer a b', 'Bearer …'])('is missing in "%s"', async (authorization) => {
    const { status, body } = await api.call('GET', '/v1/whoami', { headers: { authorization } });
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'token.missing' });
  });

  it('that no issuer can vouch for at the moment is not the caller’s fault', async () => {
    const away = await startIssuer();
    const issuers = JSON.stringify(away.trusted);
    const token = await away.tokenOf('Tenant.Owner', customer.tenantId);
    await away.close();
    const application = await api.another({ GROUNDCREW_ISSUERS: issuers });
    const { status, body } = await inject(application, 'GET', '/v1/whoami', { token });
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'identity.unavailable' });
  });
});
