import type { PartnerChange } from '@groundcrew/contracts';
import { movePartner, type PartnerEvent, type PartnerStatus } from '@groundcrew/domain';
import {
  authoriseProvider,
  findPartner,
  lockPartner,
  platformChain,
  revokeProvider,
  savePartner,
  type Partner,
  type ProviderConsent,
  type Unit,
} from '@groundcrew/persistence';
import { auditOfProvider } from '../consents/decide-consent.js';
import type { Audited } from '../idempotency/commands.js';
import { ProblemError } from '../problems/problem.error.js';

/** What an operator wants of a partner that it has seen in this version. */
interface Wish {
  id: string;
  version: number;
  wished: PartnerChange;
  decidedBy: string;
}

const actionOf: Record<PartnerEvent, string> = {
  suspend: 'partner.suspended',
  reactivate: 'partner.reactivated',
  end: 'partner.ended',
};

/**
 * Moves a partner to another status, and links or unlinks the provider behind a reseller: a provider that is linked is authorised at once
 * wherever the reseller is, one that is unlinked loses what it had through it. Every tenant concerned finds that in its own chain.
 *
 * @throws ProblemError where there is no such partner, it has changed meanwhile, or may not become that
 */
export async function changePartner(
  unit: Unit,
  { id, version, wished, decidedBy }: Wish,
): Promise<{ partner: Partner; audit: Audited[] }> {
  const partner = await lockPartner(unit, id);
  if (partner === null) throw new ProblemError('partner.not-found');
  if (partner.version !== version) throw new ProblemError('precondition.failed');
  const before = { status: partner.status, providerId: partner.indirectProviderId ?? null };
  const event = moveOf(before.status, wished.status);
  const providerId = await providerOf(unit, partner, wished.indirectProviderId);
  if (event === null && providerId === before.providerId) return { partner, audit: [] };

  const saved = await savePartner(unit, {
    id,
    status: event === null ? before.status : wished.status!,
    indirectProviderId: providerId,
  });
  const audit: Audited[] = [];
  const own = { tenantId: platformChain, object: `partner/${id}` };
  if (event !== null) audit.push({ ...own, action: actionOf[event], data: { from: before.status, to: saved.status } });
  if (providerId !== before.providerId) {
    const consents = await relink(unit, { resellerId: id, from: before.providerId, to: providerId, decidedBy });
    const data = { from: before.providerId, to: providerId, consents: consents.length };
    audit.push({ ...own, action: 'partner.provider-changed', data });
    audit.push(...consents.map((consent) => auditOfProvider(consent, id)));
  }
  return { partner: saved, audit };
}

function moveOf(from: PartnerStatus, to: PartnerStatus | undefined): PartnerEvent | null {
  const move = movePartner(from, to ?? from);
  if (!move.ok) throw new ProblemError(move.refusal, { detail: `The partner is ${from}.` });
  return move.value;
}

async function providerOf(unit: Unit, partner: Partner, wished: string | null | undefined): Promise<string | null> {
  if (wished === undefined) return partner.indirectProviderId ?? null;
  if (wished === null) return null;
  const provider = await findPartner(unit, wished);
  if (provider?.kind !== 'indirect_provider' || partner.kind !== 'indirect_reseller') {
    throw new ProblemError('partner.no-provider');
  }
  return wished;
}

async function relink(
  unit: Unit,
  link: { resellerId: string; from: string | null; to: string | null; decidedBy: string },
): Promise<ProviderConsent[]> {
  const { resellerId, from, to, decidedBy } = link;
  const ended = from === null ? [] : await revokeProvider(unit, { resellerId, providerId: from, decidedBy });
  const given = to === null ? [] : await authoriseProvider(unit, resellerId);
  return [...ended, ...given];
}
