import { authorizePartnerAction, type PartnerAction, type PartnerActionRefusal } from '@groundcrew/domain';
import { lockRegistrationAuthority, type RegistrationAuthority, type Unit } from '@groundcrew/persistence';
import type { Caller } from '../identity/caller.js';
import { ProblemError } from '../problems/problem.error.js';

/** What a partner's caller wants to do, about whom. */
export interface PartnerAsk {
  caller: Pick<Caller, 'roles'>;
  action: PartnerAction;
  partnerId: string;
  tenantId: string;
}

/** Why a partner may not do what it asks for; null where it may. */
export type PartnerRefusal = PartnerActionRefusal | 'tenant.not-found';

/**
 * Loads what the partner's right rests on, and holds it still until the transaction ends; the domain decides.
 *
 * @throws ProblemError where there is no such partner
 */
export async function decidePartnerAction(
  unit: Unit,
  { caller, action, partnerId, tenantId }: PartnerAsk,
): Promise<{ refusal: PartnerRefusal | null; authority: RegistrationAuthority }> {
  const authority = await lockRegistrationAuthority(unit, partnerId, tenantId);
  if (!authority.tenantKnown) return { refusal: 'tenant.not-found', authority };
  if (authority.partnerStatus === null) throw new ProblemError('partner.not-found');
  const decision = authorizePartnerAction(caller.roles, action, {
    status: authority.partnerStatus,
    consent: authority.consentState,
    acceptedUnder: null,
  });
  return { refusal: decision.ok ? null : decision.refusal, authority };
}

/** The same for whoever goes on only where it may. @throws ProblemError with the reason why not */
export async function admitPartner(unit: Unit, ask: PartnerAsk): Promise<RegistrationAuthority> {
  const { refusal, authority } = await decidePartnerAction(unit, ask);
  if (refusal !== null) throw new ProblemError(refusal);
  return authority;
}
