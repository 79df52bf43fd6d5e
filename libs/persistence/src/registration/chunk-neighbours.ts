import { HOT_KEY_HOLDERS } from '@groundcrew/matching';
import type { FoundCandidate } from '../matching/candidate-index.js';
import { openSnapshot } from '../matching/candidate-index.js';
import type { Sealer } from '../sealing.js';
import type { Candidate } from './chunk-decision.js';

/**
 * The devices of one chunk that were taken so far. The index knows them only when the chunk has committed, so two reports of one
 * device in the same chunk are compared here.
 */
export class ChunkNeighbours {
  /** Keys that more than one of them has: nearly none. */
  readonly #repeated: ReadonlySet<bigint>;
  readonly #byKey = new Map<bigint, Candidate[]>();
  readonly #sealer: Sealer;

  /** @param all the keys of everybody who may be added */
  constructor(all: BigInt64Array, sealer: Sealer) {
    this.#repeated = repeatedKeys(all);
    this.#sealer = sealer;
  }

  add(candidate: Candidate): void {
    if (this.#repeated.size === 0) return;
    for (const { key } of candidate.keys) {
      if (!this.#repeated.has(key)) continue;
      const sharing = this.#byKey.get(key);
      if (sharing === undefined) this.#byKey.set(key, [candidate]);
      else sharing.push(candidate);
    }
  }

  /** Those that share a key with this one, as the index would have found them. */
  sharing(candidate: Candidate): { found: FoundCandidate[]; lines: Map<string, number> } {
    const shared = new Map<Candidate, FoundCandidate['shared']>();
    if (this.#byKey.size === 0) return { found: [], lines: new Map() };
    for (const { key, kind } of candidate.keys) {
      const others = this.#byKey.get(key) ?? [];
      if (others.length > HOT_KEY_HOLDERS) continue;
      for (const other of others) {
        const kinds = shared.get(other) ?? [];
        kinds.push({ kind, holders: { anywhere: others.length, inOneTenant: others.length } });
        shared.set(other, kinds);
      }
    }
    const found: FoundCandidate[] = [];
    const lines = new Map<string, number>();
    for (const [other, kinds] of shared) {
      if (other.sealedSnapshot === null) continue;
      const snapshot = openSnapshot(this.#sealer, other.deviceId, other.sealedSnapshot);
      found.push({
        deviceId: other.deviceId,
        elsewhere: false,
        shared: kinds,
        enrolled: snapshot,
        confirmed: snapshot,
      });
      lines.set(other.deviceId, other.line);
    }
    return { found, lines };
  }
}

/** The keys that come more than once, found by sorting: a map of all of them would be garbage of a list for each. */
function repeatedKeys(all: BigInt64Array): Set<bigint> {
  const sorted = all.toSorted();
  const repeated = new Set<bigint>();
  for (let at = 1; at < sorted.length; at += 1) if (sorted[at] === sorted[at - 1]) repeated.add(sorted[at]!);
  return repeated;
}
