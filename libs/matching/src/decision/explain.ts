import type { Snapshot } from '../snapshot/snapshot.js';
import { maskValue } from '../snapshot/snapshot.js';
import { serialInUuid } from '../snapshot/to-snapshot.js';
import type { Comparison } from './compare.js';
import { compareSnapshots } from './compare.js';
import type { Candidate, CandidateDecision, Decision, MatchContext, Setting } from './decide.js';
import { capOf, judge } from './decide.js';
import type { Group, GroupState } from './evidence-groups.js';
import { GROUP_NAMES, GROUPS, IDENTITY_GROUPS } from './evidence-groups.js';
import type { Outcome } from './rules.js';
import { DEFAULT_POLICY } from './rules.js';
import { WEIGHTS } from './weights.js';

/** One group of the explanation; values are masked to their first and last two characters. */
export interface ExplainedGroup {
  readonly group: Group;
  readonly name: string;
  readonly state: GroupState;
  readonly bits: number;
  readonly observed: readonly string[];
  readonly registered: readonly string[];
  /** For machines, such as LAN_DISAGREE or UUID_DERIVED_FROM_SERIAL. */
  readonly reason: string;
}

/** The smallest change of evidence, one group in another state, that changes the outcome. */
export interface Flip {
  readonly group: Group;
  readonly from: GroupState;
  readonly to: 'agree' | 'disagree' | 'missing';
  readonly outcome: Outcome;
  readonly rule: string;
}

export interface Explanation {
  readonly decision: Decision;
  /** Of the best candidate; empty when there is none. */
  readonly groups: readonly ExplainedGroup[];
  readonly agree: readonly Group[];
  readonly disagree: readonly Group[];
  readonly missing: readonly Group[];
  readonly contested: readonly Group[];
  /** Null when no single group can change the outcome. */
  readonly flip: Flip | null;
  /** What was left out of the report and why, as codes with masked values. */
  readonly ignored: readonly { readonly reason: string; readonly shown: string }[];
}

/** Explains a decision about the same report, candidates and context it was made of. */
export function explain(
  decision: Decision,
  observed: Snapshot,
  candidates: readonly Candidate[],
  context: MatchContext,
): Explanation {
  const best = decision.candidates[0];
  const candidate = candidates.find(({ deviceId }) => deviceId === best?.deviceId);
  const ignored = [...observed.masked, ...observed.findings.map((finding) => ({ reason: finding, shown: '' }))];
  if (best === undefined || candidate === undefined) {
    return { decision, groups: [], agree: [], disagree: [], missing: [], contested: [], flip: null, ignored };
  }
  const having = (...states: GroupState[]): Group[] => GROUPS.filter((group) => states.includes(best.states[group]));
  return {
    decision,
    groups: GROUPS.map((group) => explainGroup(group, best, observed, candidate.confirmed)),
    agree: having('agree'),
    disagree: having('disagree'),
    missing: having('missing'),
    contested: having('contested', 'mixed'),
    flip: smallestFlip(best, observed, candidate, decision, candidates, context),
    ignored,
  };
}

function explainGroup(group: Group, best: CandidateDecision, observed: Snapshot, registered: Snapshot): ExplainedGroup {
  const state = best.states[group];
  const derived = group === 'UUID' && observed.uuidFromSerial && registered.uuidFromSerial && state === 'agree';
  const contradicts =
    group === 'UUID' &&
    observed.uuidFromSerial &&
    serialInUuid(observed.uuid) !== observed.serialNumber &&
    observed.serialNumber !== '';
  return {
    group,
    name: GROUP_NAMES[group],
    state,
    bits: best.groupBits[group],
    observed: valuesOf(group, observed).map(maskValue),
    registered: valuesOf(group, registered).map(maskValue),
    reason: contradicts
      ? 'UUID_SERIAL_CONTRADICT'
      : derived
        ? 'UUID_DERIVED_FROM_SERIAL'
        : `${group}_${state.toUpperCase()}`,
  };
}

/** What a snapshot says in a group, in clear: mask it before anybody sees it. */
export function valuesOf(group: Group, snapshot: Snapshot): readonly string[] {
  const text = (value: string): string[] => (value === '' ? [] : [value]);
  switch (group) {
    case 'EK':
      return text(snapshot.endorsementKey);
    case 'UUID':
      return text(snapshot.uuid);
    case 'BSN':
      return text(snapshot.boardSerial);
    case 'LAN':
      return snapshot.lan;
    case 'PKID':
      return text(snapshot.productKeyId);
    case 'SN':
      return text(snapshot.serialNumber);
    case 'RADIO':
      return [...snapshot.wireless, ...snapshot.bluetooth];
    case 'DISK':
      return [...snapshot.systemDisks, ...snapshot.otherDisks];
    case 'RAM':
      return snapshot.memoryModules.length > 0
        ? snapshot.memoryModules
        : text(snapshot.memoryGigabytes === 0 ? '' : `${snapshot.memoryGigabytes} GB`);
    case 'CPU':
      return text(snapshot.processor);
    case 'DISPLAY':
      return snapshot.panels;
    case 'MODEL':
      return [snapshot.manufacturer, snapshot.product].filter((name) => name !== '');
  }
}

const OTHER_STATES = ['agree', 'disagree', 'missing'] as const;

/**
 * Tries every group in every other state against the same rules, and takes the change that moves the fewest bits. Where the
 * outcome hangs on a second candidate (rule D1), no change of this one alone is offered.
 */
function smallestFlip(
  best: CandidateDecision,
  observed: Snapshot,
  candidate: Candidate,
  decision: Decision,
  candidates: readonly Candidate[],
  context: MatchContext,
): Flip | null {
  if (best.rule === 'D1') return null;
  const comparison = compareSnapshots(observed, candidate.confirmed, candidate.contested);
  const setting = settingOf(observed, candidate, decision, candidates, context);
  let smallest: (Flip & { readonly cost: number }) | null = null;
  for (const group of GROUPS) {
    for (const to of OTHER_STATES) {
      const from = best.states[group];
      if (to === from) continue;
      const tried = judge(best.deviceId, withState(comparison, group, to), setting);
      const cost = Math.abs(tried.bits - best.bits);
      if (tried.outcome === best.outcome || (smallest !== null && cost >= smallest.cost)) continue;
      smallest = { group, from, to, outcome: tried.outcome, rule: tried.rule, cost };
    }
  }
  if (smallest === null) return null;
  const { cost: _cost, ...flip } = smallest;
  return flip;
}

function withState(comparison: Comparison, group: Group, state: GroupState): Comparison {
  const changed = { ...comparison, states: { ...comparison.states, [group]: state } };
  return group === 'EK' ? { ...changed, keyOnOneSide: state === 'missing' } : changed;
}

function settingOf(
  observed: Snapshot,
  candidate: Candidate,
  decision: Decision,
  candidates: readonly Candidate[],
  context: MatchContext,
): Setting {
  const others = decision.candidates.filter(({ deviceId }) => deviceId !== candidate.deviceId);
  const enrolled = candidate.enrolled === undefined ? null : compareSnapshots(observed, candidate.enrolled).states;
  return {
    weights: context.weights ?? WEIGHTS,
    population: context.population,
    policy: context.policy ?? DEFAULT_POLICY,
    cap: capOf(observed),
    keyOfAnother: others.some(({ states }) => states.EK === 'agree'),
    serialOfAnother: others.some(({ states }) => states.SN === 'agree'),
    holders: candidates.find(({ deviceId }) => deviceId === candidate.deviceId)?.holders ?? {},
    enrolledAnchors: enrolled === null ? null : IDENTITY_GROUPS.filter((group) => enrolled[group] === 'agree').length,
  };
}
