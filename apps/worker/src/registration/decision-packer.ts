import { EVIDENCE_KINDS, type EvidenceKey } from '@groundcrew/matching';
import type { Candidate, ChunkDecision, ClaimKind, IdentityClaim } from '@groundcrew/persistence/without-orm';
import {
  ownFields,
  sharedFields,
  type PackedDecision,
  type SharedColumn,
  type SharedField,
} from './packed-decision.js';

/** How many candidates a part has, how many bytes each of them is sealed into, and how many keys it has, nearly always. */
const usual = { candidates: 1_000, sealedBytes: 2_048, keys: 8 };

/**
 * Packs candidates as they are decided, so that none of them outlives its row: a chunk's thousand candidates, each of a dozen objects, are
 * what the collector would carry from one place to the next.
 */
export class DecisionPacker {
  readonly #own = Object.fromEntries(ownFields.map((field) => [field, []])) as unknown as PackedDecision['own'];
  readonly #shared: GatheredFields;
  readonly #claims: { ends: Numbers; kinds: ClaimKind[]; digests: string[] };
  readonly #keys: { ends: Numbers; kinds: Uint8Array<ArrayBuffer>; keys: BigInt64Array<ArrayBuffer>; used: number };
  readonly #sealed: { ends: Numbers; snapshots: Numbers; bytes: Uint8Array<ArrayBuffer>; used: number };
  #used = 0;

  /** @param most how many candidates there may be */
  constructor(most: number) {
    const gathered = sharedFields.map((field) => [field, new Gathered(most)]);
    this.#shared = Object.fromEntries(gathered) as GatheredFields;
    this.#claims = { ends: new Uint32Array(most), kinds: [], digests: [] };
    // What these need is not known before: they grow.
    const likely = Math.min(most, usual.candidates);
    this.#keys = {
      ends: new Uint32Array(most),
      kinds: new Uint8Array(likely * usual.keys),
      keys: new BigInt64Array(likely * usual.keys),
      used: 0,
    };
    this.#sealed = {
      ends: new Uint32Array(most),
      snapshots: new Uint32Array(most),
      bytes: new Uint8Array(likely * usual.sealedBytes),
      used: 0,
    };
  }

  add(candidate: Candidate): void {
    const at = this.#used++;
    for (const field of ownFields) (this.#own[field] as unknown[]).push(candidate[field]);
    const { platform } = candidate;
    this.#shared.manufacturer.add(at, candidate.manufacturer);
    this.#shared.model.add(at, candidate.model);
    this.#shared.groupTag.add(at, candidate.groupTag);
    this.#shared.purchaseOrder.add(at, candidate.purchaseOrder);
    this.#shared.hashLevel.add(at, candidate.hashLevel);
    this.#shared.platform.add(at, platform, `${platform.osFamily} ${platform.deviceType} ${platform.tpmVersion}`);
    this.#addClaims(at, candidate.claims);
    this.#addKeys(at, candidate.keys);
    this.#addSealed(at, candidate);
  }

  finish(rejected: ChunkDecision['rejected'], corrected: PackedDecision['corrected']): PackedDecision {
    const used = this.#used;
    const { kinds, digests } = this.#claims;
    const shared = sharedFields.map((field) => [field, this.#shared[field].column(used)]);
    return {
      own: this.#own,
      shared: Object.fromEntries(shared) as PackedDecision['shared'],
      claims: { ends: this.#claims.ends.slice(0, used), kinds, digests },
      keys: {
        ends: this.#keys.ends.slice(0, used),
        kinds: this.#keys.kinds.slice(0, this.#keys.used),
        keys: this.#keys.keys.slice(0, this.#keys.used),
      },
      sealed: {
        ends: this.#sealed.ends.slice(0, used),
        snapshots: this.#sealed.snapshots.slice(0, used),
        bytes: this.#sealed.bytes.slice(0, this.#sealed.used),
      },
      rejected,
      corrected,
    };
  }

  #addClaims(at: number, claims: readonly IdentityClaim[]): void {
    for (const { kind, digest } of claims) {
      this.#claims.kinds.push(kind);
      this.#claims.digests.push(digest);
    }
    this.#claims.ends[at] = this.#claims.digests.length;
  }

  #addKeys(at: number, keys: readonly EvidenceKey[]): void {
    const packed = this.#keys;
    if (packed.used + keys.length > packed.keys.length) {
      packed.kinds = grown(packed.kinds, keys.length);
      packed.keys = grown(packed.keys, keys.length);
    }
    for (const { kind, key } of keys) {
      packed.kinds[packed.used] = EVIDENCE_KINDS[kind];
      packed.keys[packed.used++] = key;
    }
    packed.ends[at] = packed.used;
  }

  #addSealed(at: number, { sealedHash, sealedSnapshot }: Candidate): void {
    const packed = this.#sealed;
    const bytes = sealedHash.length + (sealedSnapshot?.length ?? 0);
    if (packed.used + bytes > packed.bytes.length) packed.bytes = grown(packed.bytes, bytes);
    packed.bytes.set(sealedHash, packed.used);
    packed.snapshots[at] = packed.used + sealedHash.length;
    if (sealedSnapshot !== null) packed.bytes.set(sealedSnapshot, packed.snapshots[at]);
    packed.ends[at] = packed.used += bytes;
  }
}

type Numbers = Uint32Array<ArrayBuffer>;
type GatheredFields = { [Field in SharedField]: Gathered<Candidate[Field]> };

/** A column of values that come again and again. */
class Gathered<Value> {
  readonly #places = new Map<unknown, number>();
  readonly #values: Value[] = [];
  readonly #which: Numbers;

  constructor(most: number) {
    this.#which = new Uint32Array(most);
  }

  /** @param key what tells values apart, where they are no plain ones */
  add(at: number, value: Value, key: unknown = value): void {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#values.push(value) - 1;
      this.#places.set(key, place);
    }
    this.#which[at] = place;
  }

  column(used: number): SharedColumn<Value> {
    return { values: this.#values, which: this.#which.slice(0, used) };
  }
}

/** Half as long again and a little more, with what is in it. */
function grown<Grown extends Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>>(numbers: Grown, by: number): Grown {
  const length = Math.ceil(numbers.length * 1.5) + by;
  const longer = numbers instanceof Uint8Array ? new Uint8Array(length) : new BigInt64Array(length);
  longer.set(numbers as never);
  return longer as Grown;
}
