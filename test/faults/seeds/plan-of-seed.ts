import { Random } from '@groundcrew/fleet';
import type { MisbehaviourRule } from '@groundcrew/subsystems';
import { faults, stepsStruckBy } from '../../support/strikes.js';

export const victims = ['worker', 'neighbours', 'PostgreSQL', 'Temporal'] as const;
export type Victim = (typeof victims)[number];

/** When something happens: how much of the ledger is observed by then, and how long after that. */
export interface Moment {
  /** Between 0 and 1. */
  share: number;
  delayMs: number;
}

export interface Kill extends Moment {
  victim: Victim;
  /** After which time it is started again. */
  pauseMs: number;
}

/** All that a seed does to its run. The same seed always is the same. */
export interface SeedPlan {
  seed: number;
  /** With the name of the fault that each is. */
  strikes: (MisbehaviourRule & { fault: string })[];
  kills: Kill[];
  /** Null: nobody cancels it. */
  cancel: Moment | null;
}

const everyStrike = Object.entries(faults).flatMap(([fault, how]) =>
  stepsStruckBy(how).map((strike) => ({ ...strike, fault })),
);

export function planOfSeed(seed: number): SeedPlan {
  const random = new Random(8, seed);
  const strikes = Array.from({ length: 2 + random.below(4) }, () => {
    const strike = random.pick(everyStrike);
    const isShort = strike.kind === 'never_finishes' || strike.kind === 'reappears';
    return { ...strike, atMost: isShort ? 1 : 1 + random.below(4), probability: 0.5 + random.below(6) / 10, seed };
  });
  const slow = random.chance(0.5)
    ? (['directory', 'management'] as const).map((neighbour) => ({
        neighbour,
        act: '*',
        kind: 'latency' as const,
        delayMs: 10 + random.below(60),
        fault: 'slow answers',
      }))
    : [];
  const kills = Array.from({ length: random.below(4) }, () => ({
    victim: random.pick(victims),
    share: random.below(90) / 100,
    delayMs: random.below(150),
    pauseMs: random.below(2_000),
  })).toSorted((one, other) => one.share - other.share);
  const cancel = random.chance(0.3) ? { share: random.below(60) / 100, delayMs: random.below(60) } : null;
  return { seed, strikes: [...strikes, ...slow], kills, cancel };
}
