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
  readonly #byKey = new Map<bigint, Candidate[]>();
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  add(candidate: Candidate): void {
    for (const { key } of candidate.keys) {
      const sharing = this.#byKey.get(key);
      if (sharing === undefined) this.#byKey.set(key, [candidate]);
      else sharing.push(candidate);
    }
  }

  /** Those that share a key with this one, as the index would have found them. */
  sharing(candidate: Candidate): { found: FoundCandidate[]; lines: Map<string, number> } {
    const shared = new Map<Candidate, FoundCandidate['shared']>();
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
