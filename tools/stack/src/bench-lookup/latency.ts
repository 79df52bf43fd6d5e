/** A way of asking whose time is taken. Others stand beside it in every round. */
export interface Contender {
  name: string;
  ask(round: number): Promise<void>;
}

/** Milliseconds of each contender, by its name. */
export type Latencies = ReadonlyMap<string, readonly number[]>;

/** Asks all contenders once a round. Who goes first changes, so that whatever else the machine does falls on all of them. */
export async function takeTurns(contenders: readonly Contender[], rounds: number, warmUp: number): Promise<Latencies> {
  const taken = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(turn + Math.abs(round)) % contenders.length]!;
      const startedAt = performance.now();
      await contender.ask(round + warmUp);
      if (round >= 0) taken.get(contender.name)!.push(performance.now() - startedAt);
    }
  }
  return taken;
}

/** The value below which this share of the sample lies. @param share between 0 and 1 */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
