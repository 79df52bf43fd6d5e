import type { Outcome } from '@groundcrew/matching';

/** Counts of one scenario in one class. `right` is a match to the owner, `wrong` one to anybody else. */
export interface Tally {
  trials: number;
  right: number;
  wrong: number;
  review: number;
  none: number;
  /** Outcomes that the reference allows. */
  asExpected: number;
  /** The additive baseline on the same evidence. */
  additiveRight: number;
  additiveWrong: number;
  /** Posterior of the best candidate in ten bins: how many, how many were the owner, and the sum of posteriors. */
  readonly bins: { trials: number; owners: number; posterior: number }[];
}

export function aTally(): Tally {
  const bins = Array.from({ length: 10 }, () => ({ trials: 0, owners: 0, posterior: 0 }));
  return { trials: 0, right: 0, wrong: 0, review: 0, none: 0, asExpected: 0, additiveRight: 0, additiveWrong: 0, bins };
}

export interface Verdict {
  readonly outcome: Outcome;
  readonly deviceId: string | null;
}

export function count(
  tally: Tally,
  verdict: Verdict,
  additive: Verdict | null,
  owner: string | null,
  expected: readonly Outcome[],
): void {
  const right = verdict.outcome === 'match' && verdict.deviceId === owner;
  tally.trials += 1;
  if (verdict.outcome === 'match') tally[right ? 'right' : 'wrong'] += 1;
  else tally[verdict.outcome === 'review' ? 'review' : 'none'] += 1;
  if (expected.includes(verdict.outcome) && (verdict.outcome !== 'match' || right)) tally.asExpected += 1;
  if (additive?.outcome === 'match') tally[additive.deviceId === owner ? 'additiveRight' : 'additiveWrong'] += 1;
}

export function countPosterior(tally: Tally, posterior: number, isOwner: boolean): void {
  const bin = tally.bins[Math.min(9, Math.floor(posterior * 10))]!;
  bin.trials += 1;
  bin.owners += isOwner ? 1 : 0;
  bin.posterior += posterior;
}

/** Adds the counts of another shard. */
export function add(into: Tally, other: Tally): void {
  for (const field of [
    'trials',
    'right',
    'wrong',
    'review',
    'none',
    'asExpected',
    'additiveRight',
    'additiveWrong',
  ] as const)
    into[field] += other[field];
  for (const [index, bin] of other.bins.entries()) {
    const own = into.bins[index]!;
    own.trials += bin.trials;
    own.owners += bin.owners;
    own.posterior += bin.posterior;
  }
}
