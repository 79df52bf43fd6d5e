import { accept, refuse, type Decision } from './decision.js';
import type { PartnerStatus } from './partner.js';

/** The states of a registration authorization. Source: domain.md 2. */
export const consentStates = ['requested', 'granted', 'declined', 'expired', 'revoked'] as const;
export type ConsentState = (typeof consentStates)[number];

export type ConsentEvent = 'grant' | 'decline' | 'expire' | 'revoke';

/** Which event moves which state where. What is not listed is refused. */
export const consentLifecycle: Record<ConsentState, Partial<Record<ConsentEvent, ConsentState>>> = {
  requested: { grant: 'granted', decline: 'declined', expire: 'expired' },
  granted: { revoke: 'revoked', expire: 'expired' },
  declined: {},
  expired: {},
  revoked: {},
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
