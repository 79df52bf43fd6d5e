import type { Digests } from '../digests.js';
import type { Snapshot } from '../snapshot/snapshot.js';

/** What a key is made of. Never change a number: keys are stored. */
export const EVIDENCE_KINDS = {
  ek: 1,
  uuid: 2,
  serial: 3,
  'board-serial': 4,
  'product-key': 5,
  lan: 6,
  wireless: 7,
  bluetooth: 8,
  disk: 9,
} as const;

export type EvidenceKind = keyof typeof EVIDENCE_KINDS;

/** One entry of the candidate index: 64 bits as PostgreSQL's signed int8. */
export interface EvidenceKey {
  readonly kind: EvidenceKind;
  readonly key: bigint;
}

/** Most keys of one snapshot, whatever it brings: the cost of a lookup is bounded. */
export const MOST_EVIDENCE_KEYS = 24;

/**
 * The keys under which a snapshot is found again: the first 64 bits of the HMAC-SHA-256 of kind and value. No model,
 * no memory, no USB card: those would only bring strangers.
 *
 * Source: matching.md D.
 */
export function evidenceKeys(snapshot: Snapshot, digests: Digests): EvidenceKey[] {
  const keys: EvidenceKey[] = [];
  const add = (kind: EvidenceKind, value: string): void => {
    if (value === '' || keys.length >= MOST_EVIDENCE_KEYS) return;
    keys.push({ kind, key: leading64(digests.hmacSha256(`${EVIDENCE_KINDS[kind]}:${value}`)) });
  };
  const { manufacturer } = snapshot;
  add('ek', snapshot.endorsementKey);
  add('uuid', snapshot.uuid);
  if (snapshot.serialNumber !== '') add('serial', `${manufacturer}:${snapshot.serialNumber}`);
  if (snapshot.boardSerial !== '') add('board-serial', `${manufacturer}:${snapshot.boardSerial}`);
  add('product-key', snapshot.productKeyId);
  for (const mac of snapshot.lan) add('lan', mac);
  for (const mac of snapshot.wireless) add('wireless', mac);
  for (const mac of snapshot.bluetooth) add('bluetooth', mac);
  for (const disk of snapshot.systemDisks) add('disk', disk);
  return keys;
}

const word = new DataView(new ArrayBuffer(8));

function leading64(digest: Uint8Array): bigint {
  for (let at = 0; at < 8; at += 1) word.setUint8(at, digest[at]!);
  return word.getBigInt64(0);
}
