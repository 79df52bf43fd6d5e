import type { ConsentScope, ConsentState, InFlightChoice, PartnerKind, PartnerStatus } from '@groundcrew/domain';
import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

export const TenantRow = defineEntity({
  name: 'TenantRow',
  schema: 'registry',
  tableName: 'tenant',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<'organisation' | 'school'>(),
    displayName: p.text(),
    state: p.text().$type<'active' | 'offboarded'>(),
    version: p.integer(),
    createdAt: p.datetime(),
  },
});
export type Tenant = InferEntity<typeof TenantRow>;

export const PartnerRow = defineEntity({
  name: 'PartnerRow',
  schema: 'registry',
  tableName: 'partner',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<PartnerKind>(),
    displayName: p.text(),
    directoryTenantId: p.uuid(),
    status: p.text().$type<PartnerStatus>(),
    indirectProviderId: p.uuid().nullable(),
    version: p.integer(),
    createdAt: p.datetime(),
  },
});
export type Partner = InferEntity<typeof PartnerRow>;

export const ConsentRow = defineEntity({
  name: 'ConsentRow',
  schema: 'registry',
  tableName: 'consent',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    partnerId: p.uuid(),
    state: p.text().$type<ConsentState>(),
    decidedBy: p.text().nullable(),
    decidedAt: p.datetime().nullable(),
    scope: p.json<ConsentScope>(),
    registered: p.integer(),
    inFlight: p.text().$type<InFlightChoice>().nullable(),
    requestedBy: p.text().nullable(),
    reminders: p.integer(),
    runId: p.uuid().nullable(),
    viaConsentId: p.uuid().nullable(),
    version: p.integer(),
    createdAt: p.datetime(),
  },
});
export type Consent = InferEntity<typeof ConsentRow>;

export const TenantUserRow = defineEntity({
  name: 'TenantUserRow',
  schema: 'registry',
  tableName: 'tenant_user',
  properties: {
    tenantId: p.uuid().primary(),
    id: p.uuid().primary(),
    principalName: p.text(),
    displayName: p.text(),
    licences: p.array(),
    version: p.integer(),
    createdAt: p.datetime(),
  },
});
export type TenantUser = InferEntity<typeof TenantUserRow>;
