import { describe, expect, it } from '@jest/globals';
import { roles } from './access.js';
import { consentStates, type ConsentState } from './consent.js';
import { authorizePartnerAction, partnerActionNames } from './partner-action.js';
import { partnerStatuses } from './partner.js';

const consents: (ConsentState | null)[] = [null, ...consentStates];
const forPartner = ['partner', 'oem_pipeline'];
const afterConsent = ['submit_order', 'read_partner_registrations', 'remove_registration_only'];
const codeOfState = { requested: 'pending', declined: 'declined', expired: 'expired', revoked: 'revoked' } as const;

/** Written out apart from the rule: what the issue says, as a table. */
function expected(role: string, action: string, status: string, consent: ConsentState | null): string {
  if (!forPartner.includes(role)) return 'access.denied';
  if (action === 'read_own_orders') return 'allowed';
  if (action !== 'ask_for_consent' && !afterConsent.includes(action)) return 'access.denied';
  if (status !== 'active') return `partner.${status}`;
  if (action === 'ask_for_consent') return 'allowed';
  if (consent === null) return 'consent.missing';
  return consent === 'granted' ? 'allowed' : `consent.${codeOfState[consent]}`;
}

const table = roles.flatMap((role) =>
  partnerActionNames.flatMap((action) =>
    partnerStatuses.flatMap((status) => consents.map((consent) => [role, action, status, consent] as const)),
  ),
);

describe('what a partner may do about a tenant', () => {
  it.each(table)('%s wants to %s, partner %s, consent %s', (role, action, status, consent) => {
    const decision = authorizePartnerAction([role], action, status, consent);
    expect(decision.ok ? decision.value : decision.refusal).toBe(expected(role, action, status, consent));
  });
});
