import { EVIDENCE_KINDS, type EvidenceKey } from '@groundcrew/matching';
import type { Candidate, ChunkDecision, IdentityClaim } from '@groundcrew/persistence';
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

/** Packs what was decided of a chunk. Its rows, as they arrived, go by themselves. */
export function packDecision({ candidates, rejected, corrected = [] }: ChunkDecision): PackedDecision {
  const column = <Field extends Copied>(field: Field): Candidate[Field][] => candidates.map((each) => each[field]);
  const claims = candidates.flatMap((each) => each.claims);
  const keys = candidates.flatMap((each) => each.keys);
  return {
    columns: Object.fromEntries(copied.map((field) => [field, column(field)])) as PackedDecision['columns'],
    platforms: {
      osFamily: candidates.map(({ platform }) => platform.osFamily),
      deviceType: candidates.map(({ platform }) => platform.deviceType),
      tpmVersion: candidates.map(({ platform }) => platform.tpmVersion),
    },
    claims: {
      counts: Uint8Array.from(candidates, (each) => each.claims.length),
      kinds: claims.map(({ kind }) => kind),
      digests: claims.map(({ digest }) => digest),
    },
    keys: {
      counts: Uint8Array.from(candidates, (each) => each.keys.length),
      kinds: Uint8Array.from(keys, ({ kind }) => EVIDENCE_KINDS[kind]),
      keys: BigInt64Array.from(keys, ({ key }) => key),
    },
    sealed: packSealed(candidates),
    rejected,
    corrected,
  };
}

function packSealed(candidates: readonly Candidate[]): PackedDecision['sealed'] {
  const hashes = Uint32Array.from(candidates, ({ sealedHash }) => sealedHash.length);
  const snapshots = Int32Array.from(candidates, ({ sealedSnapshot }) => sealedSnapshot?.length ?? noSnapshot);
  const whole = candidates.reduce(
    (sum, { sealedHash, sealedSnapshot }) => sum + sealedHash.length + (sealedSnapshot?.length ?? 0),
    0,
  );
  const bytes = new Uint8Array(whole);
  let at = 0;
  for (const { sealedHash, sealedSnapshot } of candidates) {
    bytes.set(sealedHash, at);
    at += sealedHash.length;
    if (sealedSnapshot === null) continue;
    bytes.set(sealedSnapshot, at);
    at += sealedSnapshot.length;
  }
  return { bytes, hashes, snapshots };
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
