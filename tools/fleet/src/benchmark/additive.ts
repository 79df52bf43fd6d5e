import type { Candidate, Outcome, Snapshot } from '@groundcrew/matching';
import { compareSnapshots, GROUPS, WEIGHTS } from '@groundcrew/matching';

/**
 * The baseline: the same evidence and weights, added up, with two thresholds and no rule. It shows what vetoes are for.
 * Source: matching.md C.2.
 */
export function decideByAdding(
  observed: Snapshot,
  candidates: readonly Candidate[],
  population: number,
): { outcome: Outcome; deviceId: string | null } {
  let best = -Infinity;
  let deviceId: string | null = null;
  for (const candidate of candidates) {
    const { states } = compareSnapshots(observed, candidate.confirmed, candidate.contested);
    let bits = -Math.log2(population);
    for (const group of GROUPS) {
      const [agree, disagree] = WEIGHTS.groups[group];
      bits += states[group] === 'agree' ? agree : states[group] === 'disagree' ? disagree : 0;
    }
    if (bits <= best) continue;
    best = bits;
    deviceId = candidate.deviceId;
  }
  const posterior = 1 / (1 + 2 ** -best);
  const outcome = posterior >= WEIGHTS.matchPosterior ? 'match' : posterior >= 0.01 ? 'review' : 'no-match';
  return { outcome, deviceId: outcome === 'no-match' ? null : deviceId };
}
