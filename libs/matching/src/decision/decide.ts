import type { Snapshot } from '../snapshot/snapshot.js';
import type { Comparison } from './compare.js';
import { compareSnapshots, weigh } from './compare.js';
import type { Group, GroupStates } from './evidence-groups.js';
import { IDENTITY_GROUPS } from './evidence-groups.js';
import type { Facts, MatchPolicy, Outcome } from './rules.js';
import { DEFAULT_POLICY, factsOf, firstRule, RULESET } from './rules.js';
import type { Weights } from './weights.js';
import { WEIGHTS } from './weights.js';

/** A registered device that shares a key with the report. */
export interface Candidate {
  readonly deviceId: string;
  /** Last confirmed snapshot. */
  readonly confirmed: Snapshot;
  /** Snapshot of the enrolment, never changed: the floor. Left out, it is the confirmed one. */
  readonly enrolled?: Snapshot;
  /** Groups whose value other registered devices show too. */
  readonly contested?: readonly Group[];
  /** How many devices show the value of a group, where it is more than one. */
  readonly holders?: Partial<Record<Group, number>>;
}

export interface MatchContext {
  /** Registered devices in all: the prior. */
  readonly population: number;
  readonly policy?: MatchPolicy;
  readonly weights?: Weights;
}

/** Why an outcome is lower than its rule alone would have it. */
export type Cap =
  'PARTIAL_REPORT' | 'OPAQUE_REPORT' | 'EK_DIFFERS_FROM_MODULUS' | 'SEVERAL_MATCH' | 'RUNNER_UP_TOO_CLOSE';

export interface CandidateDecision {
  readonly deviceId: string;
  readonly outcome: Outcome;
  /** Id of the rule that decided, and what it says. */
  readonly rule: string;
  readonly says: string;
  readonly cap: Cap | null;
  readonly states: GroupStates;
  /** Bits of each group, their sum with the prior, and the posterior that gives. */
  readonly groupBits: Readonly<Record<Group, number>>;
  readonly bits: number;
  readonly posterior: number;
}

export interface Decision {
  readonly ruleset: string;
  readonly weights: string;
  readonly outcome: Outcome;
  /** The device, when the outcome is match; the likeliest one when it is review; null otherwise. */
  readonly deviceId: string | null;
  readonly rule: string;
  /** Best first: by outcome, then bits. */
  readonly candidates: readonly CandidateDecision[];
  /** Bits between the best candidate and the next that is not excluded; null when there is no next. */
  readonly margin: number | null;
  /** Parts of the report were seen on registered devices that it does not match. */
  readonly partSeenBefore: boolean;
}

/**
 * Which registered device a report belongs to. Rules decide; the score ranks, explains, and never overrides a veto. No
 * candidates is no match.
 *
 * Source: matching.md C.3.
 */
export function decide(observed: Snapshot, candidates: readonly Candidate[], context: MatchContext): Decision {
  const weights = context.weights ?? WEIGHTS;
  const pairs = candidates.map((candidate) => pairOf(observed, candidate));
  const keyHolder = pairs.findIndex(({ comparison }) => comparison.states.EK === 'agree');
  const serialHolders = pairs.filter(({ comparison }) => comparison.states.SN === 'agree').length;
  const cap = capOf(observed);
  const judged = pairs.map((pair, index) => {
    const setting: Setting = {
      weights,
      population: context.population,
      policy: context.policy ?? DEFAULT_POLICY,
      cap,
      keyOfAnother: keyHolder >= 0 && keyHolder !== index,
      serialOfAnother: serialHolders > (pair.comparison.states.SN === 'agree' ? 1 : 0),
      holders: pair.candidate.holders ?? {},
      enrolledAnchors: pair.enrolledAnchors,
    };
    return judge(pair.candidate.deviceId, pair.comparison, setting);
  });
  return settle(judged, weights);
}

/** What surrounds one comparison when it is judged. */
export interface Setting {
  readonly weights: Weights;
  readonly population: number;
  readonly policy: MatchPolicy;
  readonly keyOfAnother: boolean;
  readonly serialOfAnother: boolean;
  readonly enrolledAnchors: number | null;
  readonly holders: Partial<Record<Group, number>>;
  readonly cap: Cap | null;
}

/** Judges one comparison in its setting: the same for the real states and for the states a flip tries. */
export function judge(deviceId: string, comparison: Comparison, setting: Setting): CandidateDecision {
  const { weights, population } = setting;
  const { bits: sum, groups } = weigh(comparison, weights, population, setting.holders);
  const bits = sum - Math.log2(Math.max(2, population));
  const posterior = 1 / (1 + 2 ** -bits);
  const { EK } = comparison.states;
  const facts: Facts = factsOf(comparison, {
    likely: posterior >= weights.matchPosterior,
    keyOnOneSide: EK === 'missing' && comparison.keyOnOneSide,
    keyOfAnother: setting.keyOfAnother,
    serialOfAnother: setting.serialOfAnother,
    enrolledAnchors: setting.enrolledAnchors,
    policy: setting.policy,
  });
  const rule = firstRule(facts);
  const capped = rule.outcome === 'match' && setting.cap !== null;
  return {
    deviceId,
    outcome: capped ? 'review' : rule.outcome,
    rule: rule.id,
    says: rule.says,
    cap: capped ? setting.cap : null,
    states: comparison.states,
    groupBits: groups,
    bits,
    posterior,
  };
}

interface Pair {
  readonly candidate: Candidate;
  readonly comparison: Comparison;
  readonly enrolledAnchors: number | null;
}

function pairOf(observed: Snapshot, candidate: Candidate): Pair {
  const comparison = compareSnapshots(observed, candidate.confirmed, candidate.contested);
  if (candidate.enrolled === undefined) return { candidate, comparison, enrolledAnchors: null };
  const { states } = compareSnapshots(observed, candidate.enrolled);
  return {
    candidate,
    comparison,
    enrolledAnchors: IDENTITY_GROUPS.filter((group) => states[group] === 'agree').length,
  };
}

/** What the report itself caps, whatever it is compared with. */
export function capOf({ level, findings }: Snapshot): Cap | null {
  if (level === 'opaque') return 'OPAQUE_REPORT';
  if (level === 'partial') return 'PARTIAL_REPORT';
  return findings.includes('ek.differs-from-modulus') ? 'EK_DIFFERS_FROM_MODULUS' : null;
}

const RANK: Record<Outcome, number> = { match: 0, review: 1, 'no-match': 2 };

function settle(judged: readonly CandidateDecision[], weights: Weights): Decision {
  const sorted = [...judged].sort((left, right) => RANK[left.outcome] - RANK[right.outcome] || right.bits - left.bits);
  const [best, next] = sorted;
  const rival = next !== undefined && next.outcome !== 'no-match' ? next : null;
  const margin = best === undefined || rival === null ? null : best.bits - rival.bits;
  const cap = best === undefined || rival === null ? null : capOfRival(best, rival, weights);
  const candidates =
    cap === null ? sorted : sorted.map((each) => (each.outcome === 'match' ? askWhich(each, cap) : each));
  const first = candidates[0];
  return {
    ruleset: RULESET,
    weights: weights.version,
    outcome: first?.outcome ?? 'no-match',
    deviceId: first === undefined || first.outcome === 'no-match' ? null : first.deviceId,
    rule: first?.rule ?? 'C6',
    candidates,
    margin,
    partSeenBefore: candidates.some(({ rule }) => rule === 'P1'),
  };
}

/** Rule D1: two that match, or a runner-up too close, are a question for a person unless only one has the agreeing key. */
function capOfRival(best: CandidateDecision, rival: CandidateDecision, weights: Weights): Cap | null {
  if (best.outcome !== 'match') return null;
  if (best.states.EK === 'agree') return rival.states.EK === 'agree' ? 'SEVERAL_MATCH' : null;
  if (rival.outcome === 'match') return 'SEVERAL_MATCH';
  return best.bits - rival.bits < weights.margin ? 'RUNNER_UP_TOO_CLOSE' : null;
}

function askWhich(candidate: CandidateDecision, cap: Cap): CandidateDecision {
  return { ...candidate, outcome: 'review', rule: 'D1', says: 'Two registered devices fit almost equally.', cap };
}
