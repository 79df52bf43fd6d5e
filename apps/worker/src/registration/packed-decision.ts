import { EVIDENCE_KINDS, type EvidenceKey } from '@groundcrew/matching';
import type { Candidate, ChunkDecision, IdentityClaim } from '@groundcrew/persistence/without-orm';
import { evidenceKindOf } from '@groundcrew/persistence/without-database';

/** What of a candidate is copied as it is, field by field: a thousand objects of thirty fields are what copying would spend its time on. */
const copied = [
  'line',
  'deviceId',
  'manufacturer',
  'model',
  'serialNumber',
  'productKey',
  'groupTag',
  'purchaseOrder',
  'designation',
  'hashLevel',
  'hashLength',
  'tupleDigest',
] as const satisfies readonly (keyof Candidate)[];
type Copied = (typeof copied)[number];

/**
 * A decision on its way from one heap to another. Texts lie in a column for each field, sealed bytes one after the other in one buffer,
 * and what a candidate has several of is counted per candidate.
 */
export interface PackedDecision {
  columns: { [Field in Copied]: Candidate[Field][] };
  platforms: { [Fact in keyof Candidate['platform']]: Candidate['platform'][Fact][] };
  claims: { counts: Uint8Array; kinds: IdentityClaim['kind'][]; digests: string[] };
  keys: { counts: Uint8Array; kinds: Uint8Array; keys: BigInt64Array };
  sealed: { bytes: Uint8Array; hashes: Uint32Array; snapshots: Int32Array };
  rejected: ChunkDecision['rejected'];
  corrected: NonNullable<ChunkDecision['corrected']>;
}

const noSnapshot = -1;

/** How many candidates a part has, how many bytes each of them is sealed into, and how many keys it has, nearly always. */
const usual = { candidates: 1_000, sealedBytes: 2_048, keys: 8 };

/**
 * Packs candidates as they are decided, so that none of them outlives its row: a chunk's thousand candidates, each of a dozen objects, are
 * what the collector would carry from one place to the next.
 */
export class DecisionPacker {
  readonly #columns: PackedDecision['columns'];
  readonly #platforms: PackedDecision['platforms'] = { osFamily: [], deviceType: [], tpmVersion: [] };
  readonly #claimKinds: IdentityClaim['kind'][] = [];
  readonly #claimDigests: string[] = [];
  readonly #claimCounts: Uint8Array<ArrayBuffer>;
  readonly #keyCounts: Uint8Array<ArrayBuffer>;
  #keyKinds: Uint8Array<ArrayBuffer>;
  #keys: BigInt64Array<ArrayBuffer>;
  #keysUsed = 0;
  readonly #hashes: Uint32Array<ArrayBuffer>;
  readonly #snapshots: Int32Array<ArrayBuffer>;
  #sealed: Uint8Array<ArrayBuffer>;
  #sealedUsed = 0;
  #used = 0;

  /** @param most how many candidates there may be */
  constructor(most: number) {
    this.#columns = Object.fromEntries(copied.map((field) => [field, []])) as unknown as PackedDecision['columns'];
    this.#claimCounts = new Uint8Array(most);
    this.#keyCounts = new Uint8Array(most);
    this.#hashes = new Uint32Array(most);
    this.#snapshots = new Int32Array(most);
    // What these need is not known before: they grow.
    const likely = Math.min(most, usual.candidates);
    this.#keyKinds = new Uint8Array(likely * usual.keys);
    this.#keys = new BigInt64Array(likely * usual.keys);
    this.#sealed = new Uint8Array(likely * usual.sealedBytes);
  }

  add(candidate: Candidate): void {
    const at = this.#used++;
    for (const field of copied) (this.#columns[field] as unknown[]).push(candidate[field]);
    this.#platforms.osFamily.push(candidate.platform.osFamily);
    this.#platforms.deviceType.push(candidate.platform.deviceType);
    this.#platforms.tpmVersion.push(candidate.platform.tpmVersion);
    this.#claimCounts[at] = candidate.claims.length;
    for (const { kind, digest } of candidate.claims) {
      this.#claimKinds.push(kind);
      this.#claimDigests.push(digest);
    }
    this.#addKeys(at, candidate.keys);
    this.#addSealed(at, candidate);
  }

  finish(rejected: ChunkDecision['rejected'], corrected: PackedDecision['corrected']): PackedDecision {
    const used = this.#used;
    return {
      columns: this.#columns,
      platforms: this.#platforms,
      claims: { counts: this.#claimCounts.slice(0, used), kinds: this.#claimKinds, digests: this.#claimDigests },
      keys: {
        counts: this.#keyCounts.slice(0, used),
        kinds: this.#keyKinds.slice(0, this.#keysUsed),
        keys: this.#keys.slice(0, this.#keysUsed),
      },
      sealed: {
        bytes: this.#sealed.slice(0, this.#sealedUsed),
        hashes: this.#hashes.slice(0, used),
        snapshots: this.#snapshots.slice(0, used),
      },
      rejected,
      corrected,
    };
  }

  #addKeys(at: number, keys: readonly EvidenceKey[]): void {
    this.#keyCounts[at] = keys.length;
    if (this.#keysUsed + keys.length > this.#keys.length) {
      this.#keyKinds = grown(this.#keyKinds, keys.length);
      this.#keys = grown(this.#keys, keys.length);
    }
    for (const { kind, key } of keys) {
      this.#keyKinds[this.#keysUsed] = EVIDENCE_KINDS[kind];
      this.#keys[this.#keysUsed++] = key;
    }
  }

  #addSealed(at: number, { sealedHash, sealedSnapshot }: Candidate): void {
    const bytes = sealedHash.length + (sealedSnapshot?.length ?? 0);
    if (this.#sealedUsed + bytes > this.#sealed.length) this.#sealed = grown(this.#sealed, bytes);
    this.#sealed.set(sealedHash, this.#sealedUsed);
    if (sealedSnapshot !== null) this.#sealed.set(sealedSnapshot, this.#sealedUsed + sealedHash.length);
    this.#sealedUsed += bytes;
    this.#hashes[at] = sealedHash.length;
    this.#snapshots[at] = sealedSnapshot?.length ?? noSnapshot;
  }
}

/** Half as long again and a little more, with what is in it. */
function grown<Numbers extends Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>>(
  numbers: Numbers,
  by: number,
): Numbers {
  const length = Math.ceil(numbers.length * 1.5) + by;
  const longer = numbers instanceof Uint8Array ? new Uint8Array(length) : new BigInt64Array(length);
  longer.set(numbers as never);
  return longer as Numbers;
}

/** The buffers of a packed decision: they change hands instead of being copied. */
export function buffersOf({ claims, keys, sealed }: PackedDecision): ArrayBuffer[] {
  const arrays = [claims.counts, keys.counts, keys.kinds, keys.keys, sealed.bytes, sealed.hashes, sealed.snapshots];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

/** The decision as it was packed; the sealed bytes are views of one buffer. */
export function unpackDecision(packed: PackedDecision): ChunkDecision {
  const { columns, platforms } = packed;
  const claimsOf = taker(packed.claims.counts, (at): IdentityClaim => ({
    kind: packed.claims.kinds[at]!,
    digest: packed.claims.digests[at]!,
  }));
  const keysOf = taker(packed.keys.counts, (at): EvidenceKey => ({
    kind: evidenceKindOf.get(packed.keys.kinds[at]!)!,
    key: packed.keys.keys[at]!,
  }));
  let at = 0;
  const bytes = (length: number): Uint8Array => packed.sealed.bytes.subarray(at, (at += length));
  const candidates = columns.line.map((line, index): Candidate => {
    const snapshot = packed.sealed.snapshots[index]!;
    return {
      line,
      deviceId: columns.deviceId[index]!,
      manufacturer: columns.manufacturer[index]!,
      model: columns.model[index]!,
      serialNumber: columns.serialNumber[index]!,
      productKey: columns.productKey[index]!,
      groupTag: columns.groupTag[index]!,
      purchaseOrder: columns.purchaseOrder[index]!,
      designation: columns.designation[index] ?? null,
      hashLevel: columns.hashLevel[index]!,
      platform: {
        osFamily: platforms.osFamily[index]!,
        deviceType: platforms.deviceType[index]!,
        tpmVersion: platforms.tpmVersion[index]!,
      },
      sealedHash: bytes(packed.sealed.hashes[index]!),
      hashLength: columns.hashLength[index]!,
      claims: claimsOf(index),
      tupleDigest: columns.tupleDigest[index] ?? null,
      sealedSnapshot: snapshot === noSnapshot ? null : bytes(snapshot),
      keys: keysOf(index),
    };
  });
  return { candidates, rejected: packed.rejected, corrected: packed.corrected };
}

/** Hands out as many things for each candidate as were counted, asked for one candidate after the other. */
function taker<Thing>(counts: Uint8Array, make: (at: number) => Thing): (candidate: number) => Thing[] {
  let next = 0;
  return (candidate) => Array.from({ length: counts[candidate]! }, () => make(next++));
}
