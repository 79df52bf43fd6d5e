import type { Comparison } from './compare.js';
import type { Group, GroupState, GroupStates } from './evidence-groups.js';
import { BOARD_GROUPS, IDENTITY_GROUPS } from './evidence-groups.js';

export type Outcome = 'match' | 'review' | 'no-match';

/** What one tenant allows. The defaults are those of the reference. */
export interface MatchPolicy {
  /** A device without a TPM may be matched without a person. */
  readonly matchWithoutTpm: boolean;
  /** Rule V2 (another key, nothing else differs) is answered with no match instead of review. */
  readonly refuseUnexplainedKeyChange: boolean;
}

export const DEFAULT_POLICY: MatchPolicy = { matchWithoutTpm: true, refuseUnexplainedKeyChange: false };

/** Everything the rules look at, about one candidate. */
export interface Facts {
  readonly states: GroupStates;
  readonly physicalAgainstVirtual: boolean;
  readonly virtual: boolean;
  /** UUID, BSN, LAN and PKID that agree, and that disagree. */
  readonly boardAgreeing: number;
  readonly boardDisagreeing: number;
  /** Identity groups that agree, a derived UUID and its serial number counted once. */
  readonly identityAgreeing: number;
  readonly partsAgreeing: number;
  readonly keyOnOneSide: boolean;
  /** Posterior is high enough for C4. */
  readonly likely: boolean;
  /** The observed key belongs to another candidate. */
  readonly keyOfAnother: boolean;
  /** The observed serial number is that of another candidate. */
  readonly serialOfAnother: boolean;
  /** Anchors of the enrolment snapshot that still agree; null when it was not given. */
  readonly enrolledAnchors: number | null;
  readonly policy: MatchPolicy;
}

export interface Rule {
  readonly id: string;
  readonly outcome: Outcome;
  /** One sentence for people. */
  readonly says: string;
  readonly applies: (facts: Facts) => boolean;
}

const is = (facts: Facts, group: Group, state: string): boolean => facts.states[group] === state;
const anchorsDisagreeing = ({ states }: Facts): number =>
  (['UUID', 'BSN', 'LAN'] as const).filter((group) => states[group] === 'disagree').length;
const somethingAgrees = (facts: Facts): boolean => facts.identityAgreeing > 0 || is(facts, 'LAN', 'mixed');

/** The rule table's version. A change of order, condition or outcome is a new one. */
export const RULESET = 'rules-1';

/**
 * The rules in order: the first that applies decides. V are vetoes, A and C accept or ask, P is part reuse. A3 to A5, C1N,
 * C3M and F1 make explicit what the reference says in prose (see docs/matching.md).
 *
 * Source: matching.md C.3, C.4 (floor).
 */
export const RULES: readonly Rule[] = [
  {
    id: 'V0',
    outcome: 'no-match',
    says: 'One is a physical machine and the other a virtual one.',
    applies: (facts) => facts.physicalAgainstVirtual,
  },
  {
    id: 'V0',
    outcome: 'no-match',
    says: 'They are different models, and no TPM says otherwise.',
    applies: (facts) => is(facts, 'MODEL', 'disagree') && !is(facts, 'EK', 'agree') && !is(facts, 'EK', 'contested'),
  },
  {
    id: 'V3',
    outcome: 'no-match',
    says: 'The TPM belongs to another registered device; identity follows the board.',
    applies: (facts) => facts.keyOfAnother && !is(facts, 'EK', 'agree'),
  },
  {
    id: 'A5',
    outcome: 'review',
    says: 'Several registered devices show this TPM: a copied virtual machine, or a cloned report.',
    applies: (facts) => is(facts, 'EK', 'contested'),
  },
  {
    id: 'A2',
    outcome: 'review',
    says: 'The TPM agrees, but two or more other marks of the board do not: an edited or copied report.',
    applies: (facts) => is(facts, 'EK', 'agree') && anchorsDisagreeing(facts) >= 2,
  },
  {
    id: 'A4',
    outcome: 'review',
    says: 'The virtual TPM agrees but the UUID does not, or is not shown: perhaps a copied virtual machine.',
    applies: (facts) => is(facts, 'EK', 'agree') && facts.virtual && !is(facts, 'UUID', 'agree'),
  },
  {
    id: 'A3',
    outcome: 'review',
    says: 'The TPM agrees and the serial number was changed, to one of no other registered device.',
    applies: (facts) => is(facts, 'EK', 'agree') && is(facts, 'SN', 'disagree') && !facts.serialOfAnother,
  },
  {
    id: 'A1',
    outcome: 'match',
    says: 'The TPM agrees; parts may differ.',
    applies: (facts) => is(facts, 'EK', 'agree'),
  },
  {
    id: 'P1',
    outcome: 'no-match',
    says: 'Only parts agree: they moved from one machine to another.',
    applies: (facts) => facts.partsAgreeing > 0 && !somethingAgrees(facts),
  },
  {
    id: 'V1',
    outcome: 'no-match',
    says: 'Another TPM and another mark of the board: the mainboard was replaced.',
    applies: (facts) => is(facts, 'EK', 'disagree') && facts.boardDisagreeing >= 1,
  },
  {
    id: 'V2',
    outcome: 'no-match',
    says: 'Another TPM; this tenant refuses it even when nothing else differs.',
    applies: (facts) =>
      is(facts, 'EK', 'disagree') && somethingAgrees(facts) && facts.policy.refuseUnexplainedKeyChange,
  },
  {
    id: 'V2',
    outcome: 'review',
    says: 'Another TPM and nothing else of the board differs: processor with firmware TPM replaced, TPM switched, or board swapped.',
    applies: (facts) => is(facts, 'EK', 'disagree') && somethingAgrees(facts),
  },
  {
    id: 'C1N',
    outcome: 'no-match',
    says: 'One report shows no TPM, and two or more marks of the board differ.',
    applies: (facts) => facts.keyOnOneSide && facts.boardDisagreeing >= 2,
  },
  {
    id: 'C1',
    outcome: 'match',
    says: 'One report shows no TPM, but three marks of the board agree and none differs.',
    applies: (facts) =>
      facts.keyOnOneSide &&
      facts.boardAgreeing >= 3 &&
      facts.boardDisagreeing === 0 &&
      floorHolds(facts) &&
      !is(facts, 'LAN', 'mixed'),
  },
  {
    id: 'C1',
    outcome: 'review',
    says: 'One report shows no TPM and something agrees.',
    applies: (facts) => facts.keyOnOneSide && somethingAgrees(facts),
  },
  {
    id: 'C2',
    outcome: 'no-match',
    says: 'Two marks of the board differ, or one and the serial number.',
    applies: (facts) => facts.boardDisagreeing >= 2 || (facts.boardDisagreeing >= 1 && is(facts, 'SN', 'disagree')),
  },
  {
    id: 'C3',
    outcome: 'review',
    says: 'One mark of the board differs, but an identity and another group agree.',
    applies: (facts) =>
      facts.boardDisagreeing === 1 && facts.identityAgreeing > 0 && facts.identityAgreeing + facts.partsAgreeing >= 2,
  },
  {
    id: 'C3',
    outcome: 'no-match',
    says: 'One mark of the board differs and too little agrees.',
    applies: (facts) => facts.boardDisagreeing === 1,
  },
  {
    id: 'C3M',
    outcome: 'review',
    says: 'One Ethernet card stayed and another was replaced; without a TPM nobody knows which is the board’s.',
    applies: (facts) => is(facts, 'LAN', 'mixed'),
  },
  {
    id: 'C4',
    outcome: 'match',
    says: 'No TPM; at least two independent marks agree, and neither the board nor the serial number differs.',
    applies: (facts) =>
      facts.likely &&
      floorHolds(facts) &&
      !is(facts, 'SN', 'disagree') &&
      facts.policy.matchWithoutTpm &&
      (facts.boardAgreeing >= 2 || (facts.identityAgreeing >= 2 && facts.partsAgreeing > 0)),
  },
  {
    id: 'F1',
    outcome: 'review',
    says: 'Fewer than two marks of the enrolment are left: it drifted too far to follow.',
    applies: (facts) => !floorHolds(facts) && facts.identityAgreeing > 0,
  },
  {
    id: 'C5',
    outcome: 'review',
    says: 'No TPM; something agrees and nothing of the board differs, but it is not enough.',
    applies: (facts) => facts.identityAgreeing > 0,
  },
  { id: 'C6', outcome: 'no-match', says: 'Nothing that names a device agrees.', applies: () => true },
];

/** Facts about one candidate. */
export function factsOf(
  comparison: Comparison,
  context: Pick<Facts, 'likely' | 'keyOnOneSide' | 'keyOfAnother' | 'serialOfAnother' | 'enrolledAnchors' | 'policy'>,
): Facts {
  const { states, derivedUuid, physicalAgainstVirtual, virtual } = comparison;
  const oneEvidence = derivedUuid && states.UUID === 'agree' && states.SN === 'agree' ? 1 : 0;
  // Written out: copying the context with a spread costs more than all the rules together.
  return {
    likely: context.likely,
    keyOnOneSide: context.keyOnOneSide,
    keyOfAnother: context.keyOfAnother,
    serialOfAnother: context.serialOfAnother,
    enrolledAnchors: context.enrolledAnchors,
    policy: context.policy,
    states,
    physicalAgainstVirtual,
    virtual,
    boardAgreeing: count(states, BOARD_GROUPS, 'agree'),
    boardDisagreeing: count(states, BOARD_GROUPS, 'disagree'),
    identityAgreeing: count(states, IDENTITY_GROUPS, 'agree') - oneEvidence,
    partsAgreeing: count(states, PART_GROUPS, 'agree'),
  };
}

const PART_GROUPS = ['RADIO', 'DISK'] as const satisfies readonly Group[];

function count(states: GroupStates, groups: readonly Group[], state: GroupState): number {
  let found = 0;
  for (const group of groups) if (states[group] === state) found += 1;
  return found;
}

/** The first rule that applies; the last always does. */
export function firstRule(facts: Facts): Rule {
  for (const rule of RULES) if (rule.applies(facts)) return rule;
  throw new Error('The last rule applies to everything.');
}

/** The enrolment snapshot is the floor under every step of drift. Source: matching.md C.4. */
function floorHolds(facts: Facts): boolean {
  return facts.enrolledAnchors === null || facts.enrolledAnchors >= 2;
}
