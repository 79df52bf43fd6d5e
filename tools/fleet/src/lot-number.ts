/**
 * The number behind every identifier of a part: 14 bits of seed and 22 bits of index. Serial numbers, addresses, disk ids
 * and product key ids all count up with it, so neighbours of a production lot differ in one character, and two seeds
 * never share an identity.
 */
export interface LotNumber {
  /** 0 … 16383. */
  readonly seed: number;
  /** 0 … 4194303. */
  readonly index: number;
}

export const MOST_SEEDS = 2 ** 14;
export const MOST_DEVICES = 2 ** 22;

/** The 36-bit number. Throws RangeError outside the ranges: folding would let two seeds meet. */
export function numberOf({ seed, index }: LotNumber): number {
  if (!Number.isInteger(seed) || seed < 0 || seed >= MOST_SEEDS) {
    throw new RangeError(`A seed is a whole number from 0 to ${MOST_SEEDS - 1}.`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= MOST_DEVICES) {
    throw new RangeError(`A seed has ${MOST_DEVICES} devices, numbered from 0.`);
  }
  return seed * MOST_DEVICES + index;
}
