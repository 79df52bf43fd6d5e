import { consentLifecycle, type ConsentEvent, type InFlightChoice } from '@groundcrew/domain';
import { decideConsent, type Consent, type Unit } from '@groundcrew/persistence';
import type { Outcome } from '../idempotency/commands.js';
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
  return outcomeOf(200, decided, `consent.${state}`);
}

/** @param action null where nothing changed */
export function outcomeOf(status: 200 | 201, consent: Consent, action: string | null): Outcome {
  const view = toConsentView(consent);
  return {
    answer: { status, body: view, headers: { etag: view.etag } },
    audit:
      action === null
        ? null
        : {
            tenantId: consent.tenantId,
            action,
            object: `consent/${consent.id}`,
            data: { partnerId: consent.partnerId, ...(consent.inFlight && { inFlight: consent.inFlight }) },
          },
  };
}
