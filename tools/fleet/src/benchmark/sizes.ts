import type { Plan } from './run.js';
import type { DeviceClass } from './scenario.js';
import { NEVER_ACCEPTED } from './targets.js';

export const SIZES = ['smoke', 'default', 'full'] as const;
export type Size = (typeof SIZES)[number];

/** Stories cost a dozen identifications each. */
const STORIES = ['P16', 'N15'];

/** Probes by size. `full` asks three million about the scenarios in which a device with a TPM must never be accepted. */
export function planOf(size: Size, seed: number): Plan {
  if (size === 'smoke')
    return { seed, fleet: 3_000, trials: (scenario) => (STORIES.includes(scenario) ? 20 : 120), throughCodec: 1 };
  if (size === 'default')
    return { seed, fleet: 20_000, trials: (scenario) => (STORIES.includes(scenario) ? 150 : 900), throughCodec: 1 };
  return { seed, fleet: 50_000, trials: fullTrials, throughCodec: 0.02 };
}

function fullTrials(scenario: string, kind: DeviceClass): number {
  if (STORIES.includes(scenario)) return 1_500;
  if (NEVER_ACCEPTED.includes(scenario)) return { tpm: 430_000, envelope: 48_000, hash: 10_000 }[kind];
  if (scenario.startsWith('P')) return { tpm: 17_000, envelope: 6_000, hash: 4_000 }[kind];
  return { tpm: 10_000, envelope: 5_000, hash: 4_000 }[kind];
}
