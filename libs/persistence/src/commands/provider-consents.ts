import type { ConsentState, InFlightChoice } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';
import { holdPartnerGate } from './decision-gate.js';

/** The consent of an indirect provider: it comes with its reseller's, and ends with it. Source: domain.md 2.1. */
export interface ProviderConsent {
  id: string;
  tenantId: string;
  partnerId: string;
  state: ConsentState;
}

interface Row {
  id: string;
  tenant_id: string;
  partner_id: string;
}

/**
 * Authorises the provider behind a reseller wherever the reseller is authorised, or under one consent of it. Where the provider has,
 * or asks for, a consent of its own, nothing changes.
 */
export async function authoriseProvider(
  unit: Unit,
  resellerId: string,
  consentId: string | null = null,
): Promise<ProviderConsent[]> {
  const rows = await unit.query<Row>(
    'select consent_id as id, tenant_id, partner_id from registry.authorise_provider($1, $2)',
    [resellerId, consentId],
  );
  return rows.map((row) => toProviderConsent(row, 'granted'));
}

/** Ends what came with a consent that was revoked, and in the same way. */
export async function revokeAlong(
  unit: Unit,
  consent: { id: string; tenantId: string; decidedBy: string; inFlight?: InFlightChoice },
): Promise<ProviderConsent[]> {
  const rows = await unit.query<Row>(
    `update registry.consent set state = 'revoked', decided_by = $3, decided_at = now(), in_flight = $4, version = version + 1
     where via_consent_id = $1 and tenant_id = $2 and state = 'granted' returning id, tenant_id, partner_id`,
    [consent.id, consent.tenantId, consent.decidedBy, consent.inFlight ?? null],
  );
  return rows.map((row) => toProviderConsent(row, 'revoked'));
}

/** Ends what a provider had through a reseller that it does not stand behind any more, at once. */
export async function revokeProvider(
  unit: Unit,
  link: { resellerId: string; providerId: string; decidedBy: string },
): Promise<ProviderConsent[]> {
  await holdPartnerGate(unit, link.providerId);
  const rows = await unit.query<Row>(
    `update registry.consent c set state = 'revoked', decided_by = $3, decided_at = now(), in_flight = 'stop_now', version = c.version + 1
     from registry.consent via
     where c.via_consent_id = via.id and via.partner_id = $1 and c.partner_id = $2 and c.state = 'granted'
     returning c.id, c.tenant_id, c.partner_id`,
    [link.resellerId, link.providerId, link.decidedBy],
  );
  return rows.map((row) => toProviderConsent(row, 'revoked'));
}

function toProviderConsent({ id, tenant_id, partner_id }: Row, state: ConsentState): ProviderConsent {
  return { id, tenantId: tenant_id, partnerId: partner_id, state };
}
