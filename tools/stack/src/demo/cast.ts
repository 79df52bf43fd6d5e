import type { AppRole, MintToken } from '../issuer/tokens.js';

/** Who takes part in the demo. The ids are fixed, so that a second start meets the same people. */
export const contoso = { id: '5a0c6a3e-7a3a-4c3a-9b53-7f6f2f1f0a01', name: 'Contoso' };
export const fabrikam = { id: '5a0c6a3e-7a3a-4c3a-9b53-7f6f2f1f0a02', name: 'Fabrikam' };
export const northwind = {
  id: '5a0c6a3e-7a3a-4c3a-9b53-7f6f2f1f0b01',
  name: 'Northwind Devices',
  directoryTenantId: '5a0c6a3e-7a3a-4c3a-9b53-7f6f2f1f0b02',
};
const platform = { id: '5a0c6a3e-7a3a-4c3a-9b53-7f6f2f1f0c01' };

interface CastMember {
  /** The name of the token in demo.env, after `GROUNDCREW_TOKEN_`. */
  variable: string;
  says: string;
  role: AppRole;
  tid: string;
  oid: string;
}

const person = (number: number): string => `9e1d5f70-1b2c-4d3e-8f4a-${String(number).padStart(12, '0')}`;

export const cast = {
  owner: { variable: 'OWNER', says: 'tenant owner, Contoso', role: 'Tenant.Owner', tid: contoso.id, oid: person(1) },
  administrator: {
    variable: 'ADMIN',
    says: 'device administrator, Contoso',
    role: 'Device.Administrator',
    tid: contoso.id,
    oid: person(2),
  },
  helpDesk: { variable: 'HELPDESK', says: 'help desk, Contoso', role: 'HelpDesk', tid: contoso.id, oid: person(3) },
  reader: { variable: 'READER', says: 'reader, Contoso', role: 'Reader', tid: contoso.id, oid: person(4) },
  auditor: { variable: 'AUDITOR', says: 'auditor, Contoso', role: 'Auditor', tid: contoso.id, oid: person(5) },
  stranger: {
    variable: 'FABRIKAM_ADMIN',
    says: 'device administrator, Fabrikam',
    role: 'Device.Administrator',
    tid: fabrikam.id,
    oid: person(6),
  },
  pipeline: {
    variable: 'OEM',
    says: 'OEM pipeline, Northwind Devices',
    role: 'Oem.Pipeline',
    tid: northwind.directoryTenantId,
    oid: person(7),
  },
  partner: {
    variable: 'PARTNER',
    says: 'partner, Northwind Devices',
    role: 'Partner',
    tid: northwind.directoryTenantId,
    oid: person(8),
  },
  operator: {
    variable: 'OPERATOR',
    says: 'operator of this service',
    role: 'Operator',
    tid: platform.id,
    oid: person(9),
  },
} satisfies Record<string, CastMember>;
export type CastName = keyof typeof cast;
export type DemoTokens = Record<CastName, string>;

export async function tokensFor(mintToken: MintToken): Promise<DemoTokens> {
  const entries = Object.entries(cast).map(async ([name, { role, tid, oid }]) => [
    name,
    await mintToken({ role, tid, oid }),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as DemoTokens;
}

/** What a shell reads with `source`, to play the demo's people from the command line. */
export function shellEnvironment(apiUrl: string, tokens: DemoTokens): string {
  const lines = [
    `export GROUNDCREW_API_URL=${apiUrl}`,
    `export GROUNDCREW_TENANT=${contoso.id}`,
    `export GROUNDCREW_PARTNER=${northwind.id}`,
    ...Object.entries(cast).map(
      ([name, { variable }]) => `export GROUNDCREW_TOKEN_${variable}=${tokens[name as CastName]}`,
    ),
    'export GROUNDCREW_TOKEN=$GROUNDCREW_TOKEN_ADMIN',
  ];
  return `${lines.join('\n')}\n`;
}
