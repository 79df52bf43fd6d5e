import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { AskSql } from '../matching/candidate-index.js';
import type { Unit } from '../scope/with-scope.js';

export interface TenantDomain {
  name: string;
  addedAt: string;
}

/** The domains of a tenant, as they are compared. */
export async function readDomains(ask: AskSql, tenantId: string): Promise<ReadonlySet<string>> {
  const rows = await ask<{ name: string }>('select name from registry.tenant_domain where tenant_id = $1', [tenantId]);
  return new Set(rows.map(({ name }) => name));
}

export async function listDomains(unit: Unit, tenantId: string, page: Keyset<string>): Promise<Slice<TenantDomain>> {
  const found = await unit.query<TenantDomain>(
    `select name, added_at as "addedAt" from registry.tenant_domain
     where tenant_id = $1 and ($2::text is null or name > $2) order by name limit $3`,
    [tenantId, page.after, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/** @returns null where the tenant has it already */
export async function addDomain(
  unit: Unit,
  domain: { tenantId: string; name: string; addedBy: string },
): Promise<TenantDomain | null> {
  const [added] = await unit.query<TenantDomain>(
    `insert into registry.tenant_domain (tenant_id, name, added_by) values ($1, $2, $3)
     on conflict do nothing returning name, added_at as "addedAt"`,
    [domain.tenantId, domain.name, domain.addedBy],
  );
  return added ?? null;
}
