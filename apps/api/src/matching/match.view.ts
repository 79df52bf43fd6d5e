import type { DecodedView, MatchOutcomeView, MatchView, OwnCandidateView } from '@groundcrew/contracts';
import {
  explain,
  maskValue,
  RULESET,
  showSnapshot,
  type Candidate,
  type CandidateDecision,
  type Decision,
  type Outcome,
  type Snapshot,
  WEIGHTS,
} from '@groundcrew/matching';
import { toCandidates, type FoundCandidate } from '@groundcrew/persistence';
import type { ReadQuestion } from './read-question.js';

/** Most of the tenant's devices that are explained. */
const mostShown = 10;

const outcomes: Record<Outcome, MatchOutcomeView> = { match: 'match', review: 'review', 'no-match': 'no_match' };

/** A decision with everything it was made of. */
export interface Judged {
  decision: Decision;
  observed: Snapshot;
  found: readonly FoundCandidate[];
  population: number;
}

/**
 * The answer for the tenant that asks. Of somebody else's devices it says that there is one, and only where the report is, or
 * may be, that device: parts that were seen elsewhere are nobody's business here.
 */
export function toMatchView(read: ReadQuestion, judged: Judged): MatchView {
  const { decision, found } = judged;
  const foreign = new Set(found.filter(({ elsewhere }) => elsewhere).map(({ deviceId }) => deviceId));
  const own = decision.candidates.filter(({ deviceId }) => !foreign.has(deviceId));
  const [stranger] = decision.candidates.filter(
    ({ deviceId, outcome }) => foreign.has(deviceId) && outcome !== 'no-match',
  );
  const best = decision.deviceId !== null && foreign.has(decision.deviceId) ? null : (own[0] ?? null);
  const compared = toCandidates(found);
  const entries = [
    ...own.slice(0, mostShown).map((each) => toOwnCandidate(each, judged, compared)),
    ...(stranger === undefined ? [] : [{ elsewhere: true as const, outcome: outcomes[stranger.outcome] }]),
  ];
  return {
    outcome: outcomes[decision.outcome],
    deviceId: best !== null && decision.deviceId === best.deviceId ? best.deviceId : null,
    ruleset: decision.ruleset,
    weights: decision.weights,
    rule: best?.rule ?? null,
    says: saysOf(decision, best),
    margin: stranger === undefined && own.length > 0 ? decision.margin : null,
    partSeenBefore: own.some(({ rule }) => rule === 'P1'),
    decoded: toDecodedView(read),
    candidates: best === null ? entries.toReversed() : entries,
  };
}

/** The answer where nothing could be compared. */
export function toUnreadableView(read: ReadQuestion): MatchView {
  return {
    outcome: 'no_match',
    deviceId: null,
    ruleset: RULESET,
    weights: WEIGHTS.version,
    rule: null,
    says: 'This form of hash is not known here: it can be registered, but not compared.',
    margin: null,
    partSeenBefore: false,
    decoded: toDecodedView(read),
    candidates: [],
  };
}

function saysOf({ outcome }: Decision, best: CandidateDecision | null): string {
  if (best !== null) return best.says;
  if (outcome === 'match') return 'It is registered, and not with this tenant.';
  if (outcome === 'review') return 'It resembles a device that is registered, and not with this tenant.';
  return 'No registered device shares anything with it that names a device.';
}

function toOwnCandidate(each: CandidateDecision, judged: Judged, compared: readonly Candidate[]): OwnCandidateView {
  const { decision, observed, found, population } = judged;
  const others = decision.candidates.filter(({ deviceId }) => deviceId !== each.deviceId);
  // The explanation is that of a decision's first candidate.
  const told = explain({ ...decision, candidates: [each, ...others] }, observed, compared, { population });
  const { confirmed } = found.find(({ deviceId }) => deviceId === each.deviceId)!;
  return {
    elsewhere: false,
    deviceId: each.deviceId,
    serialNumber: maskValue(confirmed.serialNumber),
    outcome: outcomes[each.outcome],
    rule: each.rule,
    says: each.says,
    cap: each.cap,
    bits: rounded(each.bits),
    posterior: each.posterior,
    agree: [...told.agree],
    disagree: [...told.disagree],
    missing: [...told.missing],
    contested: [...told.contested],
    groups: told.groups.map((group) => ({
      ...group,
      bits: rounded(group.bits),
      observed: [...group.observed],
      registered: [...group.registered],
    })),
    flip: told.flip === null ? null : { ...told.flip, outcome: outcomes[told.flip.outcome] },
  };
}

function toDecodedView({ form, level, trailer, unknownRecords, snapshot }: ReadQuestion): DecodedView {
  return {
    form,
    level,
    trailer,
    collectedAt: momentOfReport(snapshot?.collectedAt ?? null),
    findings: [...(snapshot?.findings ?? [])],
    unknownRecords,
    groups: snapshot === null ? [] : showSnapshot(snapshot).map((shown) => ({ ...shown, values: [...shown.values] })),
    ignored: (snapshot?.masked ?? []).map(({ reason, shown }) => ({ reason, shown })),
  };
}

/** A device may say any time at all; what is no moment is not shown. */
function momentOfReport(seconds: number | null): string | null {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  const inRange = !Number.isNaN(date.getTime()) && date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 9999;
  return inRange ? date.toISOString() : null;
}

function rounded(bits: number): number {
  return Math.round(bits * 100) / 100;
}
