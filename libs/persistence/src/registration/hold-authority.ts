import {
  authorizePartnerAction,
  type ConsentScope,
  type ConsentState,
  type InFlightChoice,
  type PartnerStatus,
} from '@groundcrew/domain';
import type pg from 'pg';
import type { ScopeOfWork } from './within-scope.js';

/** Work without a consent is the tenant's own. */
export type Authority = { ok: true; work: ScopeOfWork | null } | { ok: false; refusal: string };

/** What the partner may do for this tenant now, or the tenant for itself; nobody changes that before the transaction ends. */
export async function lockAuthority(
  client: pg.PoolClient,
  partnerId: string | null,
  tenantId: string,
  acceptedUnder: string | null,
): Promise<Authority> {
  if (partnerId === null) return await holdTenant(client, tenantId);
  const { rows } = await client.query<{
    partner_status: PartnerStatus;
    consent_id: string;
    consent_state: ConsentState | null;
    scope: ConsentScope;
    registered: number;
    accepted_state: ConsentState | null;
    accepted_in_flight: InFlightChoice | null;
  }>({
    name: 'lock_authority',
    text: `select partner_status, consent_id, consent_state, scope, registered, accepted_state, accepted_in_flight
           from registry.lock_registration_authority($1, $2, $3)`,
    values: [partnerId, tenantId, acceptedUnder],
  });
  const row = rows[0]!;
  const decision = authorizePartnerAction('accepted_order', 'register_accepted_rows', {
    status: row.partner_status,
    consent: row.consent_state,
    acceptedUnder: row.accepted_state === null ? null : { state: row.accepted_state, inFlight: row.accepted_in_flight },
  });
  if (!decision.ok) return decision;
  return { ok: true, work: { consentId: row.consent_id, scope: row.scope, registered: row.registered } };
}

/** A tenant needs nobody's consent to register for itself, but it has to be here still. */
export async function holdTenant(client: pg.PoolClient, tenantId: string): Promise<Authority> {
  const { rows } = await client.query<{ here: boolean }>({
    name: 'hold_tenant',
    text: 'select registry.hold_tenant($1) as here',
    values: [tenantId],
  });
  return rows[0]!.here ? { ok: true, work: null } : { ok: false, refusal: 'tenant.not-found' };
}

/** The same consent for chunks that are only decided: they are counted beside each other, not against what is registered. */
export function uncounted(work: ScopeOfWork | null): ScopeOfWork | null {
  if (work === null) return null;
  const { quantity: _, ...scope } = work.scope;
  return { ...work, scope };
}
