import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

/** An issuer of tokens like Entra ID's, for one suite. */
export interface TestIssuer {
  url: string;
  /** For GROUNDCREW_ISSUERS. */
  trusted: { kind: 'tenant' | 'operator'; issuer: string; jwksUri: string; audience: string }[];
  /** Signs exactly these claims; a claim that is undefined is left out. */
  sign(claims: Record<string, unknown>, options?: { alg?: string; kid?: string; key?: CryptoKey }): Promise<string>;
  /** The claims of a good token of this role. */
  claimsOf(role: string, tid: string, oid?: string): Record<string, unknown>;
  tokenOf(role: string, tid: string, oid?: string): Promise<string>;
  publicJwk: JWK;
  close(): Promise<void>;
}

const someone = '7c1f0e52-9a7b-4d43-8a55-0d6e9f1b2c3a';

/** Starts an issuer on a port of its own. */
export async function startIssuer(kid = 'test-key'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [publicJwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const claimsOf = (role: string, tid: string, oid = someone): Record<string, unknown> => {
    const now = Math.floor(Date.now() / 1000);
    const isOperator = role === 'Operator';
    const isApplication = role === 'Oem.Pipeline';
    return {
      iss: isOperator ? `${url}/operators/v2.0` : `${url}/tenants/${tid}/v2.0`,
      aud: isOperator ? 'api://groundcrew-operators' : 'api://groundcrew',
      ver: '2.0',
      iat: now,
      nbf: now,
      exp: now + 3600,
      tid,
      oid,
      sub: oid,
      roles: [role],
      ...(isApplication ? { idtyp: 'app', azp: oid } : { scp: 'access_as_user' }),
    };
  };
  const sign: TestIssuer['sign'] = (claims, options = {}) =>
    new SignJWT(Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)))
      .setProtectedHeader({ alg: options.alg ?? 'RS256', typ: 'JWT', kid: options.kid ?? kid })
      .sign(options.key ?? privateKey);
  return {
    url,
    trusted: [
      { kind: 'tenant', issuer: `${url}/tenants/{tid}/v2.0`, jwksUri: `${url}/keys`, audience: 'api://groundcrew' },
      {
        kind: 'operator',
        issuer: `${url}/operators/v2.0`,
        jwksUri: `${url}/keys`,
        audience: 'api://groundcrew-operators',
      },
    ],
    sign,
    claimsOf,
    tokenOf: (role, tid, oid) => sign(claimsOf(role, tid, oid)),
    publicJwk,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
