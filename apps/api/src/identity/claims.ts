import type { Role } from '@groundcrew/domain';
import { z } from 'zod';

/** What is read of a token. Everything else in it is ignored. Source: interfaces-security.md 4.3, Entra ID v2 access tokens. */
export const tokenClaims = z.object({
  ver: z.literal('2.0'),
  tid: z.guid().toLowerCase().optional(),
  oid: z.guid().toLowerCase().optional(),
  azp: z.string().min(1).max(200).optional(),
  idtyp: z.string().optional(),
  scp: z.string().optional(),
  roles: z.array(z.string()).default([]),
  wids: z.array(z.string()).default([]),
  exp: z.number(),
});
export type TokenClaims = z.infer<typeof tokenClaims>;

/** Application roles as the issuer names them. */
const applicationRoles: Readonly<Record<string, Role>> = {
  'Tenant.Owner': 'tenant_owner',
  'Device.Administrator': 'device_administrator',
  'School.Administrator': 'school_administrator',
  HelpDesk: 'help_desk',
  Reader: 'reader',
  Auditor: 'auditor',
  'Oem.Pipeline': 'oem_pipeline',
  Partner: 'partner',
  Operator: 'operator',
};

/** Directory roles by their template id: Global Administrator and Intune Administrator. */
const directoryRoles: Readonly<Record<string, Role>> = {
  '62e90394-69f5-4237-9190-012177145e10': 'tenant_owner',
  '3a2c62db-5318-420d-8d74-23affee5d9d5': 'device_administrator',
};

/** Who a token is about. Null where it is neither a user's nor an application's as they must look. */
export function subjectOf(claims: TokenClaims): { kind: 'user' | 'application'; id: string; roles: Role[] } | null {
  const named = claims.roles.flatMap((name) =>
    Object.hasOwn(applicationRoles, name) ? [applicationRoles[name]!] : [],
  );
  if (claims.idtyp === 'app') {
    // Only idtyp makes azp worth trusting; an application speaks for itself, so it has roles and no scopes.
    if (claims.azp === undefined || claims.scp !== undefined || claims.roles.length === 0) return null;
    return { kind: 'application', id: claims.azp, roles: [...new Set(named)] };
  }
  if (claims.idtyp !== undefined && claims.idtyp !== 'user') return null;
  if (claims.oid === undefined || claims.scp === undefined || claims.scp.trim() === '') return null;
  const directory = claims.wids.flatMap((id) => (Object.hasOwn(directoryRoles, id) ? [directoryRoles[id]!] : []));
  // A pipeline is a machine: the role means nothing in a person's token.
  const held = [...named, ...directory].filter((role) => role !== 'oem_pipeline');
  return { kind: 'user', id: claims.oid, roles: [...new Set(held)] };
}
