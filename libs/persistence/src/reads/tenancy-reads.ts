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
import { prepared } from '../scope/prepared.js';
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

/** The consents that a partner has, had or asks for. */
export async function listPartnerConsents(
  unit: Unit,
  partnerId: string,
  page: Keyset<string>,
): Promise<Slice<Consent>> {
  const where = page.after === null ? { partnerId } : { partnerId, id: { $gt: page.after } };
  return sliceOf(await unit.em.find(ConsentRow, where, { orderBy: { id: 'asc' }, limit: page.limit + 1 }), page.limit);
}

/** A consent of the side that asks. */
export function findConsent(
  unit: Unit,
  id: string,
  side: { tenantId: string } | { partnerId: string },
): Promise<Consent | null> {
  return unit.em.findOne(ConsentRow, { id, ...side });
}

export interface ConsentEventRecord {
  seq: number;
  kind: string;
  actor: string;
  at: string;
  data: Record<string, unknown>;
}

/** The history of a consent, from its beginning. Both sides see the same. */
export function listConsentEvents(unit: Unit, consentId: string): Promise<ConsentEventRecord[]> {
  return unit.query<ConsentEventRecord>(
    'select seq, kind, actor, at, data from registry.consent_event where consent_id = $1 order by seq',
    [consentId],
  );
}

/** What a directory tenant is to this service. */
export interface DirectoryTenantStanding {
  /** What kind of tenant it is here; null where it is not onboarded, or has left. */
  tenantKind: 'organisation' | 'school' | null;
  partner: { id: string; status: PartnerStatus } | null;
}

const standing = prepared(
  `select registry.active_tenant_kind($1) as kind, p.partner_id, p.status
   from (select 1) as one left join registry.partner_of_directory_tenant($1) p on true`,
);

/** Asked for every token before its scope is known, through functions that say no more than this. */
export async function standingOfDirectoryTenant(
  database: Database,
  directoryTenantId: string,
): Promise<DirectoryTenantStanding> {
  const [row] = await ask<{
    kind: 'organisation' | 'school' | null;
    partner_id: string | null;
    status: PartnerStatus | null;
  }>(database, standing, [directoryTenantId]);
  return {
    tenantKind: row?.kind ?? null,
    partner: row?.partner_id && row.status ? { id: row.partner_id, status: row.status } : null,
  };
}
