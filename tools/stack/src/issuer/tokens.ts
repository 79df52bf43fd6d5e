import { importJWK, SignJWT } from 'jose';

import { developmentKey } from './keys.js';

/** The application roles of the service, as they stand in the claim `roles`. */
export const appRoles = [
  'Tenant.Owner',
  'Device.Administrator',
  'School.Administrator',
  'HelpDesk',
  'Reader',
  'Auditor',
  'Oem.Pipeline',
  'Partner',
  'Operator',
] as const;
export type AppRole = (typeof appRoles)[number];

export interface TokenRequest {
  role: AppRole;
  /** The caller's directory tenant; for pipelines and partners their own. Operators have none of ours. */
  tid: string;
  /** The caller: a person, or an application's service principal. */
  oid?: string;
  name?: string;
  /** Overrides single claims, to make a token that is wrong in one place. `undefined` takes a claim away. */
  claims?: Record<string, unknown>;
  expiresInSeconds?: number;
}

export type MintToken = (request: TokenRequest) => Promise<string>;

export const tenantAudience = 'api://groundcrew';
export const operatorAudience = 'api://groundcrew-operators';

/** Entra ID's own directory roles, by the ids of their templates. */
const directoryRoles: Partial<Record<AppRole, string>> = {
  'Tenant.Owner': '62e90394-69f5-4237-9190-012177145e10',
  'Device.Administrator': '3a2c62db-5318-420d-8d74-23affee5d9d5',
};
const CLIENT_OF_PEOPLE = '0b7d5c1e-6f2a-4c39-9d0e-5a1f2b3c4d5e';
const DEFAULT_CALLER = '7c1f0e52-9a7b-4d43-8a55-0d6e9f1b2c3a';
const LIFETIME_SECONDS = 12 * 60 * 60;

/** A mint for one issuer: tokens with the claims that Entra ID's have, signed with the folder's development key. */
export async function tokenMint(folder: string, issuerUrl: string): Promise<MintToken> {
  const { privateJwk } = await developmentKey(folder);
  const key = await importJWK(privateJwk, 'RS256');
  return (request) => {
    const claims = Object.entries({ ...claimsOf(request, issuerUrl), ...request.claims }).filter(
      ([, value]) => value !== undefined,
    );
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iat: now,
      nbf: now,
      exp: now + (request.expiresInSeconds ?? LIFETIME_SECONDS),
      ...Object.fromEntries(claims),
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: privateJwk.kid as string })
      .sign(key);
  };
}

function claimsOf(request: TokenRequest, issuerUrl: string): Record<string, unknown> {
  const caller = request.oid ?? DEFAULT_CALLER;
  const isOperator = request.role === 'Operator';
  const isApplication = request.role === 'Oem.Pipeline';
  const wid = directoryRoles[request.role];
  return {
    iss: isOperator ? `${issuerUrl}/operators/v2.0` : `${issuerUrl}/tenants/${request.tid}/v2.0`,
    aud: isOperator ? operatorAudience : tenantAudience,
    ver: '2.0',
    tid: request.tid,
    oid: caller,
    sub: caller,
    roles: [request.role],
    // People come with a scope and through a client of the service; applications as themselves.
    ...(isApplication ? { idtyp: 'app', azp: caller } : { scp: 'access_as_user', azp: CLIENT_OF_PEOPLE }),
    ...(wid === undefined ? {} : { wids: [wid] }),
    ...(request.name === undefined ? {} : { name: request.name }),
  };
}
