import { identityOf, ownersIdentityOf, type OrderRow, type RowRefusal, type Verdict } from '@groundcrew/domain';
import {
  decodeHardwareHash,
  evidenceKeys,
  identityClaims,
  reportFromProductKey,
  reportFromTuple,
  toSnapshot,
  trimPadding,
  type DecodedHash,
  type Digests,
  type HashRejectionCode,
  type Snapshot,
} from '@groundcrew/matching';
import {
  formatUuid,
  hashContext,
  uuidV7,
  type Candidate,
  type ChunkDecision,
  type CorrectedLine,
  type IdentityClaim,
  type OpenChunk,
  type RejectedRow,
  type RowDetail,
  type Sealer,
} from '@groundcrew/persistence';
import { setImmediate as breath } from 'node:timers/promises';
import { readRows } from './read-rows.js';

export interface DecisionTools {
  sealer: Sealer;
  digests: Digests;
  nowMs: number;
}

const hashMessages: Record<HashRejectionCode, string> = {
  'hash.empty': 'The hardware hash is empty.',
  'hash.not-base64': 'The hardware hash is not base64.',
  'hash.too-short': 'The hardware hash is too short to identify a device.',
  'hash.too-long': 'The hardware hash is longer than any known form.',
  'hash.malformed': 'The hardware hash is damaged: its records do not add up.',
};

/**
 * Decides from the rows of a chunk alone which may become devices: identity, hash and repetition. Who owns what is decided
 * later, in the registry.
 */
export function decideChunk(chunk: OpenChunk, body: Buffer, tools: DecisionTools): ChunkDecision {
  const deciding = decidingRows(chunk, body, tools);
  for (;;) {
    const step = deciding.next();
    if (step.done === true) return step.value;
  }
}

const rowsAtOnce = 20;

/**
 * The same with a breath after every few rows: a thousand hashes take a quarter of a second, and a single device whose turn comes
 * in between would wait for all of it.
 */
export async function decideChunkBreathing(
  chunk: OpenChunk,
  body: Buffer,
  tools: DecisionTools,
): Promise<ChunkDecision> {
  const deciding = decidingRows(chunk, body, tools);
  for (let rows = 1; ; rows += 1) {
    const step = deciding.next();
    if (step.done === true) return step.value;
    if (rows % rowsAtOnce === 0) await breath();
  }
}

function* decidingRows(chunk: OpenChunk, body: Buffer, tools: DecisionTools): Generator<void, ChunkDecision> {
  const candidates: Candidate[] = [];
  const corrected: CorrectedLine[] = [];
  const identify = chunk.kind === 'import' ? ownersIdentityOf : identityOf;
  const rejected: RejectedRow[] = [];
  const firstLineOf = new Map<string, number>();
  const reject = (line: number, verdict: Verdict, detail: RowDetail): void => {
    rejected.push({ line, verdict, detail });
  };

  for (const read of readRows(body, chunk)) {
    yield;
    const { line } = read;
    if (!read.ok) {
      reject(line, read.refusal.verdict, detailOf(read.refusal));
      continue;
    }
    if (read.corrections.length > 0) corrected.push({ line, corrections: read.corrections });
    const identity = identify(read.row);
    if (!identity.ok) {
      reject(line, identity.refusal.verdict, detailOf(identity.refusal));
      continue;
    }
    if (identity.value !== 'hash') {
      reject(line, 'not_on_file', { message: 'No maker has uploaded a hardware hash for this device.' });
      continue;
    }
    const decoding = decodeHardwareHash(read.row.hardwareIdentifier!, tools.digests);
    if (!decoding.ok) {
      const { code } = decoding.rejection;
      reject(line, 'hash_invalid', { field: 'hardwareIdentifier', code, message: hashMessages[code] });
      continue;
    }
    const snapshot = decoding.value.report === null ? null : toSnapshot(decoding.value.report, decoding.value.level);
    const claims = claimsOf(read.row, decoding.value, snapshot, tools.digests);
    const repeats = claims.map((claim) => firstLineOf.get(claim.digest)).find((known) => known !== undefined);
    if (repeats !== undefined) {
      reject(line, 'duplicate_in_file', { repeats });
      continue;
    }
    for (const claim of claims) firstLineOf.set(claim.digest, line);
    candidates.push(candidateOf(line, read.row, decoding.value, { claims, snapshot }, chunk, tools));
  }
  return { candidates, rejected, corrected, arrived: { body, firstLine: chunk.firstLine } };
}

function candidateOf(
  line: number,
  row: OrderRow,
  hash: DecodedHash,
  identity: { claims: IdentityClaim[]; snapshot: Snapshot | null },
  chunk: OpenChunk,
  tools: DecisionTools,
): Candidate {
  const deviceId = uuidV7(tools.nowMs);
  const trimmed = trimPadding(hash.bytes);
  const system = hash.report?.system;
  return {
    line,
    deviceId,
    // What the device says of itself goes before what the sender says of it.
    manufacturer: textOf(system?.manufacturer) ?? row.manufacturer,
    model: textOf(system?.product) ?? row.model,
    serialNumber: textOf(system?.serialNumber) ?? row.serialNumber,
    productKey: row.productKey ?? textOf(hash.report?.productKeyId),
    groupTag: row.groupTag ?? chunk.defaults.groupTag ?? null,
    purchaseOrder: row.purchaseOrderIdentifier ?? chunk.defaults.purchaseOrderIdentifier ?? null,
    hashLevel: hash.level,
    sealedHash: tools.sealer.seal(trimmed.bytes, hashContext(deviceId)),
    hashLength: trimmed.length,
    claims: identity.claims,
    snapshot: identity.snapshot,
    keys: identity.snapshot === null ? [] : evidenceKeys(identity.snapshot, tools.digests),
  };
}

/** A hash in which nothing identifies a device still identifies itself: the same bytes are the same device. */
function claimsOf(row: OrderRow, hash: DecodedHash, snapshot: Snapshot | null, digests: Digests): IdentityClaim[] {
  const claims = new Map<string, IdentityClaim>();
  const add = (kind: IdentityClaim['kind'], bytes: Uint8Array): void => {
    const digest = formatUuid(digests.hmacSha256(bytes));
    claims.set(digest, { kind, digest });
  };
  const kinds = { ek: 'endorsement_key', serial: 'manufacturer_serial', 'product-key': 'product_key' } as const;
  const said = snapshot === null ? [] : [snapshot];
  if (row.productKey !== null) said.push(toSnapshot(reportFromProductKey({ productKey: row.productKey })));
  if (snapshot === null && row.manufacturer !== null && row.serialNumber !== null) {
    const tuple = { manufacturer: row.manufacturer, model: row.model ?? '', serialNumber: row.serialNumber };
    said.push(toSnapshot(reportFromTuple(tuple)));
  }
  for (const claim of said.flatMap(identityClaims)) add(kinds[claim.kind], claim.bytes);
  if (claims.size === 0) add('opaque_hash', trimPadding(hash.bytes).bytes);
  return [...claims.values()];
}

function detailOf({ field, code, message }: RowRefusal): RowDetail {
  return { ...(field !== null && { field }), ...(code !== undefined && { code }), message };
}

/** A hash may hold control characters or nothing where a text should be. */
function textOf(text: string | undefined): string | null {
  const clean = text
    ?.replaceAll(/[\u0000-\u001f\u007f]/g, '')
    .trim()
    .slice(0, 128);
  return clean === undefined || clean === '' ? null : clean;
}
