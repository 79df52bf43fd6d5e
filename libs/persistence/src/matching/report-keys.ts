import type { EvidenceKey } from '@groundcrew/matching';

/** The keys of many reports, one after the other: columns instead of objects, because there are eight thousand of them in a chunk. */
export interface ReportKeys {
  /** The number of the report that each key is of. */
  reports: Int32Array;
  keys: BigInt64Array;
}

/** More than one report has; those of a chunk are many times as many. */
const least = 32;

/** Gathers keys by their report's number. Nobody holds all of them as objects meanwhile. */
export function gatherKeys(reports: Iterable<readonly [number, readonly Pick<EvidenceKey, 'key'>[]]>): ReportKeys {
  let numbers = new Int32Array(least);
  let keys = new BigInt64Array(least);
  let used = 0;
  for (const [number, evidence] of reports) {
    if (used + evidence.length > keys.length) {
      const length = Math.max(keys.length * 2, used + evidence.length);
      const [moreNumbers, moreKeys] = [new Int32Array(length), new BigInt64Array(length)];
      moreNumbers.set(numbers);
      moreKeys.set(keys);
      [numbers, keys] = [moreNumbers, moreKeys];
    }
    for (const { key } of evidence) {
      numbers[used] = number;
      keys[used++] = key;
    }
  }
  return { reports: numbers.subarray(0, used), keys: keys.subarray(0, used) };
}
