/** One round's ratios: of the time on the clock, and of processor time. */
export interface Ratios {
  wall: number;
  processor: number;
  /** What others on this machine took of the processor time meanwhile, as a share of it. */
  foreign: number;
}

export interface Judged {
  ratio: number;
  by: 'wall' | 'processor';
  /** False where others took so much of the machine in a round that it says nothing. */
  conclusive: boolean;
  note: string;
}

/** More than this, and a round says more of the others than of us. Source: performance.md 6. */
export const mostForeign = 0.1;
const mostSpread = 0.2;

/**
 * The median of the rounds' ratios: on the clock, unless the rounds differ there by more than a fifth; then of processor time, which
 * neighbours disturb less. Source: performance.md 6.
 */
export function judge(rounds: readonly Ratios[]): Judged {
  const walls = rounds.map(({ wall }) => wall);
  const middle = median(walls);
  const by = (Math.max(...walls) - Math.min(...walls)) / middle > mostSpread ? 'processor' : 'wall';
  const ratios = rounds.map((round) => round[by]);
  const conclusive = rounds.every(({ foreign }) => foreign <= mostForeign);
  const spoken = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(', ');
  const what =
    by === 'wall' ? `rounds ${spoken(walls)}` : `by processor time ${spoken(ratios)}; clock ${spoken(walls)}`;
  const others = Math.round(Math.max(...rounds.map(({ foreign }) => foreign)) * 100);
  return {
    ratio: median(ratios),
    by,
    conclusive,
    note: conclusive ? what : `${what}; inconclusive, others took ${others} %`,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
