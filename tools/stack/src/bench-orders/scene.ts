import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import type { MintToken } from '../issuer/tokens.js';

/** Who takes part: fixed, because the same rows stand in both databases. */
export const tenantId = '0b0e7c1a-0000-4000-8000-000000000001';
export const partnerId = '0b0e7c1a-0000-4000-8000-000000000002';
const directoryTenantId = '0b0e7c1a-0000-4000-8000-000000000003';
const consentId = '0b0e7c1a-0000-4000-8000-000000000004';

/** A tenant, a partner, and the tenant's consent to it. */
export async function setTheScene(admin: pg.Pool): Promise<void> {
  await admin.query(`insert into registry.tenant (id, kind, display_name) values ($1, 'organisation', 'Contoso')`, [
    tenantId,
  ]);
  await admin.query(
    `insert into registry.partner (id, kind, display_name, directory_tenant_id) values ($1, 'oem', 'Northwind', $2)`,
    [partnerId, directoryTenantId],
  );
  await admin.query(`insert into registry.consent (id, tenant_id, partner_id, state) values ($1, $2, $3, 'granted')`, [
    consentId,
    tenantId,
    partnerId,
  ]);
}

/** Tokens of those who send orders, and of those who look. */
export async function tokensOf(mint: MintToken): Promise<{ pipeline: string; reader: string }> {
  return {
    pipeline: await mint({ role: 'Oem.Pipeline', tid: directoryTenantId }),
    reader: await mint({ role: 'Device.Administrator', tid: tenantId }),
  };
}

export const orderAddress = (apiUrl: string): string =>
  `${apiUrl}/v1/partners/${partnerId}/orders?tenantId=${tenantId}&purchaseOrderIdentifier=PO-1`;

/** The headers of an order that is sent once. */
export function orderHeaders(token: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/jsonl',
    'idempotency-key': randomUUID(),
  };
}
