import type { TenantKind } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';

/** What kind of tenant it is; null where it is here no more. */
export async function tenantKindOf(pool: pg.Pool, tenantId: string): Promise<TenantKind | null> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ kind: TenantKind }>({
      name: 'tenant_kind',
      text: 'select kind from registry.tenant where id = $1',
      values: [tenantId],
    });
    return rows[0]?.kind ?? null;
  });
}
