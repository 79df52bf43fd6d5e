import { isPermitted, type Permission, type Role } from './access.js';
import { authorizeRegistration, mayAskForConsent, type AuthorizationRefusal, type ConsentState } from './consent.js';
import { accept, refuse, type Decision } from './decision.js';
import type { PartnerStatus } from './partner.js';

/** What a partner may want to do about a tenant. Source: domain.md 2.1, 2.2. */
export const partnerActions = {
  ask_for_consent: { permission: 'consent.request', needs: 'active' },
  submit_order: { permission: 'order.submit', needs: 'consent' },
  read_own_orders: { permission: 'order.read', needs: 'nothing' },
  /** What it or another partner registered for this tenant. Never what the tenant registered itself. */
  read_partner_registrations: { permission: 'order.submit', needs: 'consent' },
  read_tenant_registrations: { permission: null, needs: 'consent' },
  /** Takes the registration away and nothing else: no wipe, no retire, no directory object. */
  remove_registration_only: { permission: 'order.submit', needs: 'consent' },
  deregister_completely: { permission: null, needs: 'consent' },
  decide_consent: { permission: null, needs: 'consent' },
} as const satisfies Record<string, { permission: Permission | null; needs: 'nothing' | 'active' | 'consent' }>;
export type PartnerAction = keyof typeof partnerActions;
export const partnerActionNames = Object.keys(partnerActions) as PartnerAction[];

export type PartnerActionRefusal = 'access.denied' | AuthorizationRefusal;

/**
 * May a partner's caller do this about a tenant? The one place where role, action, consent and partner status meet.
 *
 * @param consent the latest consent between the two, or null where none was ever asked for
 */
export function authorizePartnerAction(
  roles: readonly Role[],
  action: PartnerAction,
  status: PartnerStatus,
  consent: ConsentState | null,
): Decision<'allowed', PartnerActionRefusal> {
  const { permission, needs } = partnerActions[action];
  const actsForPartner = roles.filter((role) => role === 'partner' || role === 'oem_pipeline');
  if (permission === null || !isPermitted(actsForPartner, permission)) return refuse('access.denied');
  if (needs === 'nothing') return accept('allowed');
  const decision = needs === 'active' ? mayAskForConsent(status) : authorizeRegistration(status, consent);
  return decision.ok ? accept('allowed') : decision;
}
