import type { PartnerKind, PartnerStatus } from '@groundcrew/domain';
import { PartnerRow, TenantRow, type Partner, type Tenant } from '../rows/tenancy.row.js';
import type { Unit } from '../scope/with-scope.js';
import { holdPartnerGate, holdTenantGate } from './decision-gate.js';

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
  partner: {
    id: string;
    kind: PartnerKind;
    displayName: string;
    directoryTenantId: string;
    status: PartnerStatus;
  },
): Promise<Partner | null> {
  const added = await unit.change(
    `insert into registry.partner (id, kind, display_name, directory_tenant_id, status) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [partner.id, partner.kind, partner.displayName, partner.directoryTenantId, partner.status],
  );
  return added === 0 ? null : await unit.em.findOneOrFail(PartnerRow, { id: partner.id });
}

/** Holds a partner still, until the transaction ends: orders that are reached meanwhile wait for what becomes of it. */
export async function lockPartner(unit: Unit, id: string): Promise<Partner | null> {
  await holdPartnerGate(unit, id);
  await unit.query('select id from registry.partner where id = $1 for no key update', [id]);
  return await unit.em.findOne(PartnerRow, { id }, { refresh: true });
}

/** Writes what became of a partner that the caller holds locked. */
export async function savePartner(
  unit: Unit,
  partner: { id: string; status: PartnerStatus; indirectProviderId: string | null },
): Promise<Partner> {
  await unit.change(
    'update registry.partner set status = $2, indirect_provider_id = $3, version = version + 1 where id = $1',
    [partner.id, partner.status, partner.indirectProviderId],
  );
  return await unit.em.findOneOrFail(PartnerRow, { id: partner.id }, { refresh: true });
}

/** Takes a tenant out, if it still is the version that the caller saw. Its devices stay; its consents end with it. */
export async function offboardTenant(
  unit: Unit,
  change: { id: string; version: number },
): Promise<Tenant | 'not_found' | 'stale'> {
  await holdTenantGate(unit, change.id);
  const changed = await unit.change(
    `update registry.tenant set state = 'offboarded', version = version + 1 where id = $1 and version = $2 and state = 'active'`,
    [change.id, change.version],
  );
  const tenant = await unit.em.findOne(TenantRow, { id: change.id });
  if (tenant === null) return 'not_found';
  return changed === 1 ? tenant : 'stale';
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
