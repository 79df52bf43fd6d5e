import {
  identityOf,
  namesOnFile,
  ownersIdentityOf,
  platformOfHash,
  surfaceIdentityOf,
  userlessFault,
  type Decision,
  type Designation,
  type DesignationFault,
  type DeviceFacts,
  type OrderRow,
  type RowIdentity,
  type RowRefusal,
  type RunKind,
  type Verdict,
} from '@groundcrew/domain';
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
import type {
  Candidate,
  ChunkDecision,
  CorrectedLine,
  IdentityClaim,
  OpenChunk,
  RejectedRow,
  RowDetail,
  Sealer,
} from '@groundcrew/persistence/without-orm';
import { formatUuid, hashContext, sealSnapshot, Slices, uuidV7 } from '@groundcrew/persistence/without-database';
import { digestOfName, type NamedRow, type Resolution } from '../makers/names-on-file.js';
import { readRows } from './read-rows.js';

/** What is said of a chunk besides its rows. */
export type ChunkFacts = Omit<OpenChunk, 'sealedBody'>;

/** A decision with the rows that it was made of. */
export type ArrivedDecision = ChunkDecision & Required<Pick<ChunkDecision, 'arrived'>>;

export interface DecisionTools {
  sealer: Sealer;
  digests: Digests;
  nowMs: number;
}

export const hashMessages: Record<HashRejectionCode, string> = {
  'hash.empty': 'The hardware hash is empty.',
  'hash.not-base64': 'The hardware hash is not base64.',
  'hash.too-short': 'The hardware hash is too short to identify a device.',
  'hash.too-long': 'The hardware hash is longer than any known form.',
  'hash.malformed': 'The hardware hash is damaged: its records do not add up.',
};

/** Who registers how says by what a row may name its device. */
const identities: Partial<Record<RunKind, (row: OrderRow) => Decision<RowIdentity, RowRefusal>>> = {
  import: ownersIdentityOf,
  surface_case: surfaceIdentityOf,
};

/**
 * Decides from the rows of a chunk which may become devices: identity, hash and repetition. Who owns what is decided later, in the
 * registry.
 *
 * @param resolve looks for rows that name their device by its maker's strings or product key id among the makers' uploads
 */
export async function decideChunk(
  chunk: ChunkFacts,
  body: Buffer,
  tools: DecisionTools,
  resolve: (rows: readonly NamedRow[]) => Promise<Resolution[]>,
): Promise<ArrivedDecision> {
  const candidates: Candidate[] = [];
  const besides = await decideRows(chunk, body, tools, resolve, (candidate) => candidates.push(candidate));
  return { candidates, ...besides, arrived: { body, firstLine: chunk.firstLine } };
}

/**
 * The same, one candidate after the other.
 *
 * @param keep takes a candidate when it is decided
 * @returns the rows that are none
 */
export async function decideRows(
  chunk: ChunkFacts,
  body: Buffer,
  tools: DecisionTools,
  resolve: (rows: readonly NamedRow[]) => Promise<Resolution[]>,
  keep: (candidate: Candidate) => void,
): Promise<{ rejected: RejectedRow[]; corrected: CorrectedLine[] }> {
  const named: NamedRow[] = [];
  const corrected: CorrectedLine[] = [];
  const identify = identities[chunk.kind] ?? identityOf;
  const rejected: RejectedRow[] = [];
  const firstLineOf = new Map<string, number>();
  const reject = (line: number, verdict: Verdict, detail: RowDetail): void => {
    rejected.push({ line, verdict, detail });
  };

  const take = (line: number, row: OrderRow, hash: string): void => {
    const decoding = decodeHardwareHash(hash, tools.digests);
    if (!decoding.ok) {
      const { code } = decoding.rejection;
      reject(line, 'hash_invalid', { field: 'hardwareIdentifier', code, message: hashMessages[code] });
      return;
    }
    const snapshot = decoding.value.report === null ? null : toSnapshot(decoding.value.report, decoding.value.level);
    const fault = userFaultOf(row, platformOf(decoding.value, snapshot), chunk);
    if (fault !== null) {
      reject(line, 'malformed', { field: 'assignedUserPrincipalName', ...fault });
      return;
    }
    const claims = claimsOf(row, decoding.value, snapshot, tools.digests);
    const repeats = claims.map((claim) => firstLineOf.get(claim.digest)).find((known) => known !== undefined);
    if (repeats !== undefined) {
      reject(line, 'duplicate_in_file', { repeats });
      return;
    }
    for (const claim of claims) firstLineOf.set(claim.digest, line);
    keep(candidateOf(line, row, decoding.value, { claims, snapshot }, chunk, tools));
  };

  const slices = new Slices();
  for (const read of readRows(body, chunk)) {
    if (slices.isOver) await slices.next();
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
      named.push({ line, row: read.row });
      continue;
    }
    take(line, read.row, read.row.hardwareIdentifier!);
  }
  for (const resolution of await resolve(named)) {
    if ('refusal' in resolution) reject(resolution.line, resolution.refusal.verdict, detailOf(resolution.refusal));
    else take(resolution.line, resolution.row, Buffer.from(resolution.hash).toString('base64'));
  }
  return { rejected, corrected };
}

function candidateOf(
  line: number,
  row: OrderRow,
  hash: DecodedHash,
  identity: { claims: IdentityClaim[]; snapshot: Snapshot | null },
  chunk: ChunkFacts,
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
    designation: designationOf(row),
    hashLevel: hash.level,
    platform: platformOf(hash, identity.snapshot),
    sealedHash: tools.sealer.seal(trimmed.bytes, hashContext(deviceId)),
    hashLength: trimmed.length,
    claims: identity.claims,
    tupleDigest: row.hardwareIdentifier === null ? null : tupleDigestOf(hash, tools),
    sealedSnapshot: identity.snapshot === null ? null : sealSnapshot(tools.sealer, deviceId, identity.snapshot),
    keys: identity.snapshot === null ? [] : evidenceKeys(identity.snapshot, tools.digests),
  };
}

/** Most rows say nothing of the kind. */
function designationOf({ assignedUserPrincipalName, displayName }: OrderRow): Designation | null {
  return assignedUserPrincipalName === null && displayName === null
    ? null
    : { assignedUser: assignedUserPrincipalName, displayName };
}

/** Nobody is assigned to a device that its hash or its sender calls a HoloLens. */
function userFaultOf(row: OrderRow, platform: DeviceFacts, chunk: ChunkFacts): DesignationFault | null {
  if (row.assignedUserPrincipalName === null) return null;
  return userlessFault({ ...platform, osFamily: chunk.defaults.osFamily ?? platform.osFamily });
}

/** What cannot be read says nothing. */
function platformOf({ level, report }: DecodedHash, snapshot: Snapshot | null): DeviceFacts {
  return platformOfHash({
    operatingSystem: report?.operatingSystem ?? '',
    manufacturer: report?.system.manufacturer ?? '',
    product: report?.system.product ?? '',
    virtual: snapshot?.virtual ?? false,
    tpm: report?.tpm?.text ?? null,
    complete: level === 'full',
  });
}

/** Under which name its maker may have it on file: a device that was sent by its hash may be another than the one there. */
function tupleDigestOf({ report }: DecodedHash, tools: DecisionTools): string | null {
  const names = namesOnFile({
    manufacturer: textOf(report?.system?.manufacturer),
    model: textOf(report?.system?.product),
    serialNumber: textOf(report?.system?.serialNumber),
    productKey: null,
  });
  return digestOfName(names.tuple, tools);
}

/** A hash in which nothing identifies a device still identifies itself: the same bytes are the same device. */
export function claimsOf(
  row: OrderRow,
  hash: DecodedHash,
  snapshot: Snapshot | null,
  digests: Digests,
): IdentityClaim[] {
  const claims = new Map<string, IdentityClaim>();
  const add = (kind: IdentityClaim['kind'], identity: Uint8Array | string): void => {
    const digest = formatUuid(digests.hmacSha256(identity));
    claims.set(digest, { kind, digest });
  };
  const kinds = { ek: 'endorsement_key', serial: 'manufacturer_serial', 'product-key': 'product_key' } as const;
  const said = snapshot === null ? [] : [snapshot];
  if (row.productKey !== null) said.push(toSnapshot(reportFromProductKey({ productKey: row.productKey })));
  if (snapshot === null && row.manufacturer !== null && row.serialNumber !== null) {
    const tuple = { manufacturer: row.manufacturer, model: row.model ?? '', serialNumber: row.serialNumber };
    said.push(toSnapshot(reportFromTuple(tuple)));
  }
  for (const claim of said.flatMap(identityClaims)) add(kinds[claim.kind], claim.text);
  if (claims.size === 0) add('opaque_hash', trimPadding(hash.bytes).bytes);
  return [...claims.values()];
}

export function detailOf({
  field = null,
  code,
  message,
}: Pick<RowRefusal, 'code' | 'message'> & Partial<RowRefusal>): RowDetail {
  return { ...(field !== null && { field }), ...(code !== undefined && { code }), message };
}

/** A hash may hold control characters or nothing where a text should be. */
export function textOf(text: string | undefined): string | null {
  const clean = text
    ?.replaceAll(/[\u0000-\u001f\u007f]/g, '')
    .trim()
    .slice(0, 128);
  return clean === undefined || clean === '' ? null : clean;
}
