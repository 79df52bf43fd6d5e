import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose';

import { developmentKey } from './keys.js';
import { discoveryDocument, trustedIssuers } from './metadata.js';
import { operatorAudience, tokenMint, type TokenRequest } from './tokens.js';

const issuerUrl = 'http://127.0.0.1:7401';
const tid = '5a0c6a3e-7a3a-4c3a-9b53-7f6f2f1f0a01';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'issuer-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a token of the development issuer', () => {
  it('carries the claims of a person in a tenant', async () => {
    expect(await claims({ role: 'Tenant.Owner', tid })).toMatchObject({
      iss: `${issuerUrl}/tenants/${tid}/v2.0`,
      aud: 'api://groundcrew',
      ver: '2.0',
      tid,
      roles: ['Tenant.Owner'],
      scp: 'access_as_user',
      wids: ['62e90394-69f5-4237-9190-012177145e10'],
    });
  });

  it('carries the claims of an application, and no scope', async () => {
    const payload = await claims({ role: 'Oem.Pipeline', tid, oid: '11111111-2222-4333-8444-555555555555' });
    expect(payload).toMatchObject({ idtyp: 'app', azp: '11111111-2222-4333-8444-555555555555' });
    expect(payload).not.toHaveProperty('scp');
  });

  it("comes from another issuer, for another audience, when it is an operator's", async () => {
    expect(await claims({ role: 'Operator', tid })).toMatchObject({
      iss: `${issuerUrl}/operators/v2.0`,
      aud: operatorAudience,
    });
  });

  it('can be made wrong in one place', async () => {
    const payload = await claims({ role: 'Reader', tid, claims: { aud: 'api://elsewhere', scp: undefined } });
    expect(payload).toMatchObject({ aud: 'api://elsewhere' });
    expect(payload).not.toHaveProperty('scp');
  });

  it('is signed with a key that says what it is and that only its owner may read', async () => {
    const { publicJwk } = await developmentKey(folder);
    expect(publicJwk.kid).toMatch(/^groundcrew-dev-/);
    expect(publicJwk).not.toHaveProperty('d');
    expect(statSync(join(folder, 'issuer', 'key.json')).mode & 0o077).toBe(0);
  });

  it('names an issuer whose discovery document agrees', () => {
    for (const { issuer, jwksUri } of trustedIssuers(issuerUrl)) {
      const path = new URL(issuer.replace('{tid}', tid)).pathname;
      expect(discoveryDocument(issuerUrl, `${path}/.well-known/openid-configuration`)).toMatchObject({
        issuer: issuer.replace('{tid}', tid),
        jwks_uri: jwksUri,
      });
    }
    expect(discoveryDocument(issuerUrl, '/elsewhere/.well-known/openid-configuration')).toBeUndefined();
  });
});

async function claims(request: TokenRequest): Promise<JWTPayload> {
  const mint = await tokenMint(folder, issuerUrl);
  const { publicJwk } = await developmentKey(folder);
  const { payload } = await jwtVerify(await mint(request), createLocalJWKSet({ keys: [publicJwk] }));
  return payload;
}
