import type { EvidenceKey } from '@groundcrew/matching';
import type { Candidate, ChunkDecision, ClaimKind, IdentityClaim } from '@groundcrew/persistence/without-orm';
import { evidenceKindOf } from '@groundcrew/persistence/without-database';

/** What of a candidate is its own, and copied as it is, field by field. */
export const ownFields = [
  'line',
  'deviceId',
  'serialNumber',
  'productKey',
  'designation',
  'hashLength',
  'tupleDigest',
] as const satisfies readonly (keyof Candidate)[];
type OwnField = (typeof ownFields)[number];

/** What many candidates have in common: a fleet has few models. */
export const sharedFields = [
  'manufacturer',
  'model',
  'groupTag',
  'purchaseOrder',
  'hashLevel',
  'platform',
] as const satisfies readonly (keyof Candidate)[];
export type SharedField = (typeof sharedFields)[number];

/** Each value once, and which of them each candidate has. */
export interface SharedColumn<Value> {
  values: Value[];
  which: Uint32Array;
}

/**
 * A decision on its way from one heap to another. Values lie in a column for each field, sealed bytes one after the other in one buffer.
 * Of what a candidate has several, the column of ends says where a candidate's are over, and the next one's begin.
 */
export interface PackedDecision {
  own: { [Field in OwnField]: Candidate[Field][] };
  shared: { [Field in SharedField]: SharedColumn<Candidate[Field]> };
  claims: { ends: Uint32Array; kinds: ClaimKind[]; digests: string[] };
  keys: { ends: Uint32Array; kinds: Uint8Array; keys: BigInt64Array };
  /** Where a candidate's snapshot begins, after its hash; it has none where that is where it ends. */
  sealed: { ends: Uint32Array; snapshots: Uint32Array; bytes: Uint8Array };
  rejected: ChunkDecision['rejected'];
  corrected: NonNullable<ChunkDecision['corrected']>;
}

/** The buffers of a packed decision: they change hands instead of being copied. */
export function buffersOf({ shared, claims, keys, sealed }: PackedDecision): ArrayBuffer[] {
  const which = sharedFields.map((field) => shared[field].which);
  const arrays = [...which, claims.ends, keys.ends, keys.kinds, keys.keys, sealed.ends, sealed.snapshots, sealed.bytes];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

/** The decision as it was packed. */
export function unpackDecision(packed: PackedDecision): ChunkDecision {
  const candidates = packed.own.line.map((_, at) => new UnpackedCandidate(packed, at));
  return { candidates, rejected: packed.rejected, corrected: packed.corrected };
}

/**
 * A candidate of a packed decision. What it has several of is made when it is asked for, and is garbage a moment later: a thousand
 * candidates wait for PostgreSQL, and all that they hold meanwhile is carried about by the collector.
 */
class UnpackedCandidate implements Candidate {
  readonly #packed: PackedDecision;
  readonly #at: number;
  readonly line: number;
  readonly deviceId: string;
  readonly serialNumber: string | null;
  readonly productKey: string | null;
  readonly designation: NonNullable<Candidate['designation']> | null;
  readonly hashLength: number;
  readonly tupleDigest: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly groupTag: string | null;
  readonly purchaseOrder: string | null;
  readonly hashLevel: Candidate['hashLevel'];
  readonly platform: Candidate['platform'];

  constructor(packed: PackedDecision, at: number) {
    this.#packed = packed;
    this.#at = at;
    const { own, shared } = packed;
    this.line = own.line[at]!;
    this.deviceId = own.deviceId[at]!;
    this.serialNumber = own.serialNumber[at]!;
    this.productKey = own.productKey[at]!;
    this.designation = own.designation[at] ?? null;
    this.hashLength = own.hashLength[at]!;
    this.tupleDigest = own.tupleDigest[at] ?? null;
    this.manufacturer = valueOf(shared.manufacturer, at);
    this.model = valueOf(shared.model, at);
    this.groupTag = valueOf(shared.groupTag, at);
    this.purchaseOrder = valueOf(shared.purchaseOrder, at);
    this.hashLevel = valueOf(shared.hashLevel, at);
    this.platform = valueOf(shared.platform, at);
  }

  get claims(): IdentityClaim[] {
    const { ends, kinds, digests } = this.#packed.claims;
    const claims: IdentityClaim[] = [];
    for (let each = beginOf(ends, this.#at); each < ends[this.#at]!; each += 1)
      claims.push({ kind: kinds[each]!, digest: digests[each]! });
    return claims;
  }

  get keys(): EvidenceKey[] {
    const { ends, kinds, keys } = this.#packed.keys;
    const found: EvidenceKey[] = [];
    for (let each = beginOf(ends, this.#at); each < ends[this.#at]!; each += 1)
      found.push({ kind: evidenceKindOf.get(kinds[each]!)!, key: keys[each]! });
    return found;
  }

  get sealedHash(): Uint8Array {
    const { ends, snapshots, bytes } = this.#packed.sealed;
    return bytes.subarray(beginOf(ends, this.#at), snapshots[this.#at]);
  }

  get sealedSnapshot(): Uint8Array | null {
    const { ends, snapshots, bytes } = this.#packed.sealed;
    const begin = snapshots[this.#at]!;
    const end = ends[this.#at]!;
    return begin === end ? null : bytes.subarray(begin, end);
  }
}

function beginOf(ends: Uint32Array, at: number): number {
  return at === 0 ? 0 : ends[at - 1]!;
}

function valueOf<Value>({ values, which }: SharedColumn<Value>, at: number): Value {
  return values[which[at]!]!;
}
