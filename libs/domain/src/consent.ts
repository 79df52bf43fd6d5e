import { accept, refuse, type Decision } from './decision.js';
import type { PartnerStatus } from './partner.js';

/** The states of a registration authorization. Source: domain.md 2. */
export const consentStates = ['requested', 'granted', 'declined', 'expired', 'revoked'] as const;
export type ConsentState = (typeof consentStates)[number];

export type ConsentEvent = 'grant' | 'decline' | 'expire' | 'revoke';

/** Which event moves which state where. What is not listed is refused. */
export const consentLifecycle: Record<ConsentState, Partial<Record<ConsentEvent, ConsentState>>> = {
  requested: { grant: 'granted', decline: 'declined', expire: 'expired' },
  granted: { revoke: 'revoked' },
  declined: {},
  expired: {},
  revoked: {},
};

/** What happens to accepted orders when a consent is revoked: nothing more is registered, or they are finished. */
export const inFlightChoices = ['stop_now', 'finish_accepted'] as const;
export type InFlightChoice = (typeof inFlightChoices)[number];

/** What ends an open consent when its tenant leaves. */
export const endedByOffboarding: Record<ConsentState, ConsentEvent | null> = {
  requested: 'decline',
  granted: 'revoke',
  declined: null,
  expired: null,
  revoked: null,
};

/** Why a partner may not register for a tenant now. */
export type AuthorizationRefusal =
  | 'partner.suspended'
  | 'partner.ended'
  | 'consent.missing'
  | 'consent.pending'
  | 'consent.declined'
  | 'consent.expired'
  | 'consent.revoked';

const refusalOfState: Record<Exclude<ConsentState, 'granted'>, AuthorizationRefusal> = {
  requested: 'consent.pending',
  declined: 'consent.declined',
  expired: 'consent.expired',
  revoked: 'consent.revoked',
};

/**
 * May this partner register devices for the tenant? Asked when an order is accepted and again in each chunk.
 *
 * @param status the partner's programme status
 * @param consent the latest consent between the two, or null where none was ever asked for
 */
export function authorizeRegistration(
  status: PartnerStatus,
  consent: ConsentState | null,
): Decision<'granted', AuthorizationRefusal> {
  if (status === 'suspended') return refuse('partner.suspended');
  if (status === 'ended') return refuse('partner.ended');
  if (consent === null) return refuse('consent.missing');
  if (consent === 'granted') return accept('granted');
  return refuse(refusalOfState[consent]);
}

/** The consent that an order was accepted under, as it is when one of its chunks is reached. */
export interface AcceptedUnder {
  state: ConsentState;
  inFlight: InFlightChoice | null;
}

/**
 * May a chunk of an accepted order go on? As `authorizeRegistration`, but a revocation that lets accepted work finish lets this order
 * finish. A partner that lost its status never goes on.
 */
export function authorizeChunk(
  status: PartnerStatus,
  consent: ConsentState | null,
  acceptedUnder: AcceptedUnder | null,
): Decision<'granted', AuthorizationRefusal> {
  const decision = authorizeRegistration(status, consent);
  if (decision.ok || status !== 'active') return decision;
  const mayFinish = acceptedUnder?.state === 'revoked' && acceptedUnder.inFlight === 'finish_accepted';
  return mayFinish ? accept('granted') : decision;
}

/** May a partner ask the tenant for consent? Only an active one; that one is open already is told apart from a rule. */
export function mayAskForConsent(status: PartnerStatus): Decision<'ask', AuthorizationRefusal> {
  if (status === 'suspended') return refuse('partner.suspended');
  if (status === 'ended') return refuse('partner.ended');
  return accept('ask');
}
