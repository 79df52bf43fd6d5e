import type { PartnerStatus } from '@groundcrew/domain';
import {
  ConsentRow,
  PartnerRow,
  TenantRow,
  TenantUserRow,
  type Consent,
  type Partner,
  type Tenant,
  type TenantUser,
} from '../rows/tenancy.row.js';
import type { Database } from '../scope/database.js';
import { ask, type Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from './keyset.js';

export async function listTenants(unit: Unit, page: Keyset<string>): Promise<Slice<Tenant>> {
  const where = page.after === null ? {} : { id: { $gt: page.after } };
  return sliceOf(await unit.em.find(TenantRow, where, { orderBy: { id: 'asc' }, limit: page.limit + 1 }), page.limit);
}

export function findTenant(unit: Unit, id: string): Promise<Tenant | null> {
  return unit.em.findOne(TenantRow, { id });
}

export async function listPartners(unit: Unit, page: Keyset<string>): Promise<Slice<Partner>> {
  const where = page.after === null ? {} : { id: { $gt: page.after } };
  return sliceOf(await unit.em.find(PartnerRow, where, { orderBy: { id: 'asc' }, limit: page.limit + 1 }), page.limit);
}

export function findPartner(unit: Unit, id: string): Promise<Partner | null> {
  return unit.em.findOne(PartnerRow, { id });
}

export async function listUsers(unit: Unit, tenantId: string, page: Keyset<string>): Promise<Slice<TenantUser>> {
  const where = page.after === null ? { tenantId } : { tenantId, id: { $gt: page.after } };
  return sliceOf(
    await unit.em.find(TenantUserRow, where, { orderBy: { id: 'asc' }, limit: page.limit + 1 }),
    page.limit,
  );
}

export function findUser(unit: Unit, tenantId: string, id: string): Promise<TenantUser | null> {
  return unit.em.findOne(TenantUserRow, { tenantId, id });
}

export async function listConsents(unit: Unit, tenantId: string, page: Keyset<string>): Promise<Slice<Consent>> {
  const where = page.after === null ? { tenantId } : { tenantId, id: { $gt: page.after } };
  return sliceOf(await unit.em.find(ConsentRow, where, { orderBy: { id: 'asc' }, limit: page.limit + 1 }), page.limit);
}

/** What a directory tenant is to this service. */
export interface DirectoryTenantStanding {
  onboarded: boolean;
  partner: { id: string; status: PartnerStatus } | null;
}

/** Asked for every token before its scope is known, through functions that say no more than this. */
export async function standingOfDirectoryTenant(
  database: Database,
  directoryTenantId: string,
): Promise<DirectoryTenantStanding> {
  const [row] = await ask<{ onboarded: boolean; partner_id: string | null; status: PartnerStatus | null }>(
    database,
    `select registry.tenant_is_active($1) as onboarded, p.partner_id, p.status
     from (select 1) as one left join registry.partner_of_directory_tenant($1) p on true`,
    [directoryTenantId],
  );
  return {
    onboarded: row?.onboarded ?? false,
    partner: row?.partner_id && row.status ? { id: row.partner_id, status: row.status } : null,
  };
}
