import type pg from 'pg';
import type { RejectedRow } from './chunk-decision.js';

/**
 * Marks the rows of a partner that name a device which no partner registered: the tenant did, or its automatic registration. They keep
 * the device's id for the tenant; the partner is told no more than that it is there. Source: domain.md 8.4.
 */
export async function markOwnRegistrations(
  client: pg.PoolClient,
  tenantId: string,
  rejected: readonly RejectedRow[],
): Promise<void> {
  const named = rejected.flatMap(({ detail }) => detail?.deviceId ?? []);
  if (named.length === 0) return;
  const { rows } = await client.query<{ id: string }>({
    name: 'registered_by_tenant',
    text: `select id from registry.device where tenant_id = $1 and id = any ($2::uuid[]) and registrar_kind <> 'partner'`,
    values: [tenantId, [...new Set(named)]],
  });
  const own = new Set(rows.map((row) => row.id));
  for (const { detail } of rejected) {
    if (detail?.deviceId !== undefined && own.has(detail.deviceId)) detail.registeredByTenant = true;
  }
}
