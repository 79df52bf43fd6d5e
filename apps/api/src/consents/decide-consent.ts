import { consentLifecycle, type ConsentEvent, type InFlightChoice } from '@groundcrew/domain';
import { decideConsent, type Consent, type Decided, type ProviderConsent, type Unit } from '@groundcrew/persistence';
import type { Audited, Outcome } from '../idempotency/commands.js';
import { ProblemError } from '../problems/problem.error.js';
import { toConsentView } from './consent.view.js';

export interface TenantDecision {
  event: Exclude<ConsentEvent, 'expire'>;
  decidedBy: string;
  inFlight?: InFlightChoice;
}

/** Moves a consent that is held locked, where its lifecycle lets it move. */
export async function decide(unit: Unit, consent: Consent, decision: TenantDecision): Promise<Outcome> {
  const state = consentLifecycle[consent.state][decision.event];
  if (state === undefined) throw new ProblemError('consent.not-open', { detail: `The consent is ${consent.state}.` });
  const { id, tenantId } = consent;
  const { decidedBy, inFlight } = decision;
  const decided = await decideConsent(unit, {
    id,
    tenantId,
    state,
    decidedBy,
    ...(inFlight !== undefined && { inFlight }),
  });
  return outcomeOf(200, decided);
}

/** What was decided, with an audit event for it and one for each consent that came or ended with it. */
export function outcomeOf(status: 200 | 201, { consent, along }: Decided): Outcome {
  const { tenantId, state, partnerId, inFlight } = consent;
  const audit: Audited = {
    tenantId,
    action: `consent.${state}`,
    object: `consent/${consent.id}`,
    data: { partnerId, ...(inFlight && { inFlight }) },
  };
  return { ...unchanged(consent, status), audit: [audit, ...along.map((each) => auditOfProvider(each, consent.id))] };
}

/** The consent as it is, where nothing was decided. */
export function unchanged(consent: Consent, status: 200 | 201 = 200): Outcome {
  const view = toConsentView(consent);
  return { answer: { status, body: view, headers: { etag: view.etag } }, audit: null };
}

/** @param because the consent, or the partner, that it came or ended with */
export function auditOfProvider(consent: ProviderConsent, because: string): Audited {
  const { id, tenantId, partnerId, state } = consent;
  return { tenantId, action: `consent.${state}`, object: `consent/${id}`, data: { partnerId, with: because } };
}
