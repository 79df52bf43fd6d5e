import { isPermitted, type Permission, type Role } from './access.js';
import type { ConsentState, InFlightChoice } from './consent.js';
import { accept, refuse, type Decision } from './decision.js';
import type { PartnerStatus } from './partner.js';

/** What a partner's right to act about a tenant rests on, as it was read under lock. */
export interface PartnerStanding {
  /** The partner's programme status: a CSP partner's, or an OEM's. */
  status: PartnerStatus;
  /** The latest consent between the two, or null where none was ever asked for. */
  consent: ConsentState | null;
  /** The consent that an order was accepted under, where one is at work. */
  acceptedUnder: AcceptedUnder | null;
}

/** The consent that an order was accepted under, as it is when one of its chunks is reached. */
export interface AcceptedUnder {
  state: ConsentState;
  inFlight: InFlightChoice | null;
}

/** Who acts: a caller with its roles, or an order that was accepted and goes on without anybody calling. */
export type PartnerActor = readonly Role[] | 'accepted_order';

type Need = 'nothing' | 'active' | 'consent' | 'consent_or_finishing';

/** What a partner may want to do about a tenant, who may, and what it takes. Source: domain.md 2.1, 2.2, 8.4. */
export const partnerActions = {
  ask_for_consent: { by: 'consent.request', needs: 'active' },
  /** Hashes of a build, ahead of any order and for no tenant. */
  upload_hardware: { by: 'hardware.submit', needs: 'active' },
  submit_order: { by: 'order.submit', needs: 'consent' },
  /** A chunk of an accepted order: authorised once more when it is reached. */
  register_accepted_rows: { by: 'accepted_order', needs: 'consent_or_finishing' },
  read_own_orders: { by: 'order.read', needs: 'nothing' },
  /** What it or another partner registered for this tenant. Never what the tenant registered itself. */
  read_partner_registrations: { by: 'registration.read', needs: 'consent' },
  read_tenant_registrations: { by: 'nobody', needs: 'consent' },
  /** Takes a registration of any partner away and nothing else: no wipe, no retire, no directory object. */
  remove_registration_only: { by: 'registration.remove', needs: 'consent' },
  deregister_completely: { by: 'nobody', needs: 'consent' },
  decide_consent: { by: 'nobody', needs: 'consent' },
} as const satisfies Record<string, { by: Permission | 'accepted_order' | 'nobody'; needs: Need }>;
export type PartnerAction = keyof typeof partnerActions;
export const partnerActionNames = Object.keys(partnerActions) as PartnerAction[];

/** Why a partner may not act for a tenant now. */
export type AuthorizationRefusal =
  | 'partner.suspended'
  | 'partner.ended'
  | 'consent.missing'
  | 'consent.pending'
  | 'consent.declined'
  | 'consent.expired'
  | 'consent.revoked';
export type PartnerActionRefusal = 'access.denied' | AuthorizationRefusal;

/**
 * May this be done for a partner about a tenant? The one place where role, action, consent and partner status meet: asked when an order
 * is accepted, again in each of its chunks, and by every route of a partner.
 */
export function authorizePartnerAction(
  actor: PartnerActor,
  action: PartnerAction,
  standing: PartnerStanding,
): Decision<'allowed', PartnerActionRefusal> {
  const { by, needs } = partnerActions[action];
  if (!mayAsk(actor, by)) return refuse('access.denied');
  const reason = whatIsMissing[needs](standing);
  return reason === null ? accept('allowed') : refuse(reason);
}

function mayAsk(actor: PartnerActor, by: Permission | 'accepted_order' | 'nobody'): boolean {
  if (actor === 'accepted_order') return by === 'accepted_order';
  if (by === 'accepted_order' || by === 'nobody') return false;
  return isPermitted(
    actor.filter((role) => role === 'partner' || role === 'oem_pipeline'),
    by,
  );
}

const refusalOfStatus: Record<PartnerStatus, AuthorizationRefusal | null> = {
  active: null,
  suspended: 'partner.suspended',
  ended: 'partner.ended',
};

const refusalOfConsent: Record<ConsentState, AuthorizationRefusal | null> = {
  granted: null,
  requested: 'consent.pending',
  declined: 'consent.declined',
  expired: 'consent.expired',
  revoked: 'consent.revoked',
};

/** The status comes first: a partner that lost it acts for nobody, and finishes nothing. */
const whatIsMissing: Record<Need, (standing: PartnerStanding) => AuthorizationRefusal | null> = {
  nothing: () => null,
  active: ({ status }) => refusalOfStatus[status],
  consent: ({ status, consent }) => refusalOfStatus[status] ?? withoutConsent(consent),
  consent_or_finishing: (standing) =>
    refusalOfStatus[standing.status] ?? (mayFinish(standing.acceptedUnder) ? null : withoutConsent(standing.consent)),
};

function withoutConsent(consent: ConsentState | null): AuthorizationRefusal | null {
  return consent === null ? 'consent.missing' : refusalOfConsent[consent];
}

/** A revocation may let accepted work finish: that order, and no other. */
function mayFinish(acceptedUnder: AcceptedUnder | null): boolean {
  return acceptedUnder?.state === 'revoked' && acceptedUnder.inFlight === 'finish_accepted';
}
