import type { PartnerKind, PartnerStatus } from '@groundcrew/domain';
import { PartnerRow, TenantRow, type Partner, type Tenant } from '../rows/tenancy.row.js';
import type { Unit } from '../scope/with-scope.js';

/** Adds a tenant. @returns null where its id is taken */
export async function addTenant(
  unit: Unit,
  tenant: { id: string; kind: 'organisation' | 'school'; displayName: string },
): Promise<Tenant | null> {
  const added = await unit.change(
    'insert into registry.tenant (id, kind, display_name) values ($1, $2, $3) on conflict do nothing',
    [tenant.id, tenant.kind, tenant.displayName],
  );
  return added === 0 ? null : await unit.em.findOneOrFail(TenantRow, { id: tenant.id });
}

/** Adds a partner. @returns null where its id or its directory tenant is taken */
export async function addPartner(
  unit: Unit,
  partner: { id: string; kind: PartnerKind; displayName: string; directoryTenantId: string },
): Promise<Partner | null> {
  const added = await unit.change(
    `insert into registry.partner (id, kind, display_name, directory_tenant_id) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [partner.id, partner.kind, partner.displayName, partner.directoryTenantId],
  );
  return added === 0 ? null : await unit.em.findOneOrFail(PartnerRow, { id: partner.id });
}

/** Changes what a partner may do, if it still is the version that the caller saw. */
export async function changePartnerStatus(
  unit: Unit,
  change: { id: string; status: PartnerStatus; version: number },
): Promise<Partner | 'not_found' | 'stale'> {
  const changed = await unit.change(
    'update registry.partner set status = $2, version = version + 1 where id = $1 and version = $3',
    [change.id, change.status, change.version],
  );
  const partner = await unit.em.findOne(PartnerRow, { id: change.id });
  if (partner === null) return 'not_found';
  return changed === 1 ? partner : 'stale';
}

/** Adds a user of the tenant in scope. @returns false where the id or the principal name is taken */
export async function addUser(
  unit: Unit,
  user: { tenantId: string; id: string; principalName: string; displayName: string; licences: string[] },
): Promise<boolean> {
  const added = await unit.change(
    `insert into registry.tenant_user (tenant_id, id, principal_name, display_name, licences)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [user.tenantId, user.id, user.principalName, user.displayName, user.licences],
  );
  return added === 1;
}
