import { describe, expect, it } from '@jest/globals';
import { roles } from './access.js';
import { consentStates, inFlightChoices, type ConsentState } from './consent.js';
import {
  authorizePartnerAction,
  partnerActionNames,
  type AcceptedUnder,
  type PartnerActor,
  type PartnerAction,
} from './partner-action.js';
import { partnerStatuses, type PartnerStatus } from './partner.js';

const consents: (ConsentState | null)[] = [null, ...consentStates];
const forPartner = ['partner', 'oem_pipeline'];
const afterConsent = ['submit_order', 'read_partner_registrations', 'remove_registration_only'];
/** A maker uploads ahead of any order and for no tenant, so consent says nothing about it. */
const beforeConsent = ['ask_for_consent', 'upload_hardware'];
const codeOfState = { requested: 'pending', declined: 'declined', expired: 'expired', revoked: 'revoked' } as const;

function ask(
  actor: PartnerActor,
  action: PartnerAction,
  status: PartnerStatus,
  consent: ConsentState | null,
  acceptedUnder: AcceptedUnder | null = null,
): string {
  const decision = authorizePartnerAction(actor, action, { status, consent, acceptedUnder });
  return decision.ok ? decision.value : decision.refusal;
}

/** Written out apart from the rule: what the issue says, as a table. */
function expected(role: string, action: string, status: string, consent: ConsentState | null): string {
  if (!forPartner.includes(role)) return 'access.denied';
  if (action === 'read_own_orders') return 'allowed';
  if (!beforeConsent.includes(action) && !afterConsent.includes(action)) return 'access.denied';
  if (status !== 'active') return `partner.${status}`;
  if (beforeConsent.includes(action)) return 'allowed';
  return withConsent(consent);
}

function withConsent(consent: ConsentState | null): string {
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
    expect(ask([role], action, status, consent)).toBe(expected(role, action, status, consent));
  });

  it('is decided by a role that acts for a partner, whatever else the caller is', () => {
    expect(ask(['tenant_owner', 'partner'], 'decide_consent', 'active', 'granted')).toBe('access.denied');
    expect(ask(['operator', 'partner'], 'submit_order', 'active', 'granted')).toBe('allowed');
  });
});

describe('an accepted order', () => {
  const chunks = partnerStatuses.flatMap((status) =>
    consents.flatMap((consent) => [null, ...inFlightChoices].map((inFlight) => [status, consent, inFlight] as const)),
  );

  it.each(chunks)('goes on, partner %s, latest consent %s, its own revoked with %s', (status, consent, inFlight) => {
    const under: AcceptedUnder | null = inFlight === null ? null : { state: 'revoked', inFlight };
    let answer = withConsent(consent);
    if (inFlight === 'finish_accepted') answer = 'allowed';
    if (status !== 'active') answer = `partner.${status}`;
    expect(ask('accepted_order', 'register_accepted_rows', status, consent, under)).toBe(answer);
  });

  it('finishes nothing under a consent that ended otherwise', () => {
    for (const state of ['requested', 'declined', 'expired'] as const) {
      const under: AcceptedUnder = { state, inFlight: 'finish_accepted' };
      expect(ask('accepted_order', 'register_accepted_rows', 'active', 'revoked', under)).toBe('consent.revoked');
    }
  });

  it('does nothing else, and no caller acts in its name', () => {
    for (const action of partnerActionNames.filter((name) => name !== 'register_accepted_rows')) {
      expect(ask('accepted_order', action, 'active', 'granted')).toBe('access.denied');
    }
  });
});
