import { accept, refuse, type Decision } from './decision.js';

/** The kinds of partner the service knows. Source: domain.md 2.1, 2.2. */
export const partnerKinds = ['oem', 'direct_bill', 'indirect_provider', 'indirect_reseller', 'distributor'] as const;
export type PartnerKind = (typeof partnerKinds)[number];

/** Only an active partner acts; suspended and ended ones keep what they registered. */
export const partnerStatuses = ['active', 'suspended', 'ended'] as const;
export type PartnerStatus = (typeof partnerStatuses)[number];

/** With which status a partner may be onboarded: one that has ended is no partner. */
export const partnerStatusesAtFirst = ['active', 'suspended'] as const satisfies PartnerStatus[];

export type PartnerEvent = 'suspend' | 'reactivate' | 'end';

/** Which event moves which status where. What is not listed is refused: a partnership that ended is not taken up again. */
export const partnerLifecycle: Record<PartnerStatus, Partial<Record<PartnerEvent, PartnerStatus>>> = {
  active: { suspend: 'suspended', end: 'ended' },
  suspended: { reactivate: 'active', end: 'ended' },
  ended: {},
};

/**
 * What it takes for an operator's wish to come true.
 *
 * @returns the event that moves the partner there, or null where it is there already
 */
export function movePartner(
  from: PartnerStatus,
  to: PartnerStatus,
): Decision<PartnerEvent | null, 'partner.status-unreachable'> {
  if (from === to) return accept(null);
  const moves = Object.entries(partnerLifecycle[from]) as [PartnerEvent, PartnerStatus][];
  const move = moves.find(([, reached]) => reached === to);
  return move === undefined ? refuse('partner.status-unreachable') : accept(move[0]);
}
