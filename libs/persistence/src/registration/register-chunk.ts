import type { RunKind, VerdictCounts } from '@groundcrew/domain';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { assignDevicesOfRun } from '../assignment/assign-devices-of-run.js';
import { int4Array, uuidArray } from '../bulk/binary-arrays.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { insertCorrections } from '../corrections/insert-corrections.js';
import { designateRegistered, rejectForeignUsers } from '../designation/designate-chunk.js';
import { isKept, keepFailedRows } from '../failed-rows/keep-failed-rows.js';
import { supersedeOnFile } from '../makers/find-on-file.js';
import { noteSightings, type SightedDevice } from '../remediation/note-sightings.js';
import type { Sealer } from '../sealing.js';
import type { Candidate, ChunkDecision, RejectedRow } from './chunk-decision.js';
import { noteStep, requestStep } from './chunk-steps.js';
import { lockAuthority, uncounted } from './hold-authority.js';
import { insertDevices } from './insert-devices.js';
import { mergeKnown } from './merge-known.js';
import { onlyDecide } from './only-decide.js';
import { dropBody, type AwaitingDevice, type ChunkKey } from './open-chunk.js';
import { markOwnRegistrations } from './own-registrations.js';
import { insertItems, recordProgress } from './progress.js';
import { recognise } from './recognise.js';
import { refineVerdicts } from './refine-verdicts.js';
import { countAgainstScope, keepCovered, withhold, type ScopeOfWork } from './within-scope.js';

/** A chunk whose row is held, and what its run says. */
interface Fence {
  state: string;
  awaiting: number;
  partner_id: string | null;
  consent_id: string | null;
  commanded: string | null;
  validate_only: boolean;
  kind: RunKind;
}

/** What is decided about a chunk's rows. */
interface Decided {
  survivors: Candidate[];
  rejected: RejectedRow[];
  /** Under which consent; null where the tenant registers for itself, or nobody may. */
  consentId: string | null;
  authorised: boolean;
}

/** What became of a chunk. */
export interface RegisteredChunk {
  /** How many devices now wait for their directory object. */
  awaiting: number;
  /** Those devices, where this is the call that registered them; null where that was done before. */
  devices: AwaitingDevice[] | null;
}

/** What somebody may want to know of a chunk besides its verdicts. */
interface Noticed {
  changed: string[];
  changedHardware: string[];
}

/**
 * Registers what may be registered and writes down the rows that may not, in one transaction. The chunk's state is the
 * fence: whoever comes second finds the work done.
 *
 * Locks are taken in the same order by everybody: chunk, authority, claims (sorted), run, audit head.
 *
 * @param sealer opens the snapshots that candidates are compared with, and seals the new ones
 */
export async function registerChunk(
  pool: pg.Pool,
  key: ChunkKey,
  given: ChunkDecision,
  sealer: Sealer,
): Promise<RegisteredChunk> {
  return inTenant(pool, key.tenantId, async (client) => {
    const fence = await holdFence(client, key);
    if (fence.state === 'registered') return { awaiting: fence.awaiting, devices: null };
    // A run that is cancelled begins nothing more: its chunks are taken back as they are.
    if (fence.state !== 'sealed' || fence.commanded === 'cancel') return { awaiting: 0, devices: null };

    const { decided, decision } = await decide(client, key, fence, given, sealer);
    const noticed = await writeRows(client, key, fence, decided, decision, sealer);
    await close(client, key, fence, decided);
    await assignDevicesOfRun(client, key, 'registration', noticed.changed);
    await tell(client, key, fence, decided, noticed);
    return {
      awaiting: decided.survivors.length,
      devices: decided.survivors.map((each) => awaitingOf(each, fence.kind)),
    };
  });
}

async function holdFence(client: pg.PoolClient, key: ChunkKey): Promise<Fence> {
  const { rows } = await client.query<Fence>({
    name: 'fence_chunk',
    text: `select c.state, coalesce(cardinality(c.device_ids), 0) as awaiting, r.partner_id, r.consent_id, r.commanded,
             r.validate_only, r.kind
           from registry.run_chunk c join registry.run r on r.id = c.run_id
           where c.run_id = $1 and c.number = $2 for update of c`,
    values: [key.runId, key.chunk],
  });
  if (rows[0] === undefined) throw new Error(`run ${key.runId} has no chunk ${key.chunk}`);
  return rows[0];
}

async function decide(
  client: pg.PoolClient,
  key: ChunkKey,
  fence: Fence,
  given: ChunkDecision,
  sealer: Sealer,
): Promise<{ decided: Decided; decision: ChunkDecision }> {
  const { validate_only: onlyAsked } = fence;
  const authority = await lockAuthority(client, fence.partner_id, key.tenantId, fence.consent_id);
  const decision = await rejectForeignUsers(client, key.tenantId, given);
  const work = authority.ok ? authority.work : null;
  const found = () =>
    authority.ok
      ? registerWithin(client, key, decision, sealer, onlyAsked ? uncounted(work) : work)
      : Promise.resolve({ survivors: [], rejected: withhold(decision, authority.refusal).rejected });
  const besides = { work, joined: decision.joined ?? new Map() };
  const { survivors, rejected } = onlyAsked ? await onlyDecide(client, key, besides, found) : await found();
  const decided = {
    survivors,
    rejected: await refineVerdicts(client, key, fence.kind, rejected),
    consentId: work?.consentId ?? null,
    authorised: authority.ok,
  };
  return { decided, decision };
}

/** Devices, verdicts, what was mended in the rows, and the rows that come back to their sender. */
async function writeRows(
  client: pg.PoolClient,
  key: ChunkKey,
  fence: Fence,
  { survivors, rejected, authorised }: Decided,
  decision: ChunkDecision,
  sealer: Sealer,
): Promise<Noticed> {
  const changed =
    fence.validate_only || !authorised
      ? []
      : await mergeKnown(client, key, fence.partner_id, decision.candidates, rejected);
  if (survivors.length > 0) {
    await insertDevices(client, key, fence.partner_id, survivors);
    await designateRegistered(client, key.tenantId, survivors);
    await supersedeOnFile(client, survivors.flatMap(repairedNames));
  }
  if (rejected.length > 0) await insertItems(client, key, rejected);
  const sighted = fence.validate_only ? [] : await noteSightings(client, key.tenantId, claimedBy(rejected));
  if (decision.corrected !== undefined) await insertCorrections(client, key, decision.corrected);
  if (decision.arrived !== undefined) {
    const lines = rejected.filter(isKept).map(({ line }) => line);
    await keepFailedRows(client, key, 'decided', lines, decision.arrived, sealer);
  }
  return { changed, changedHardware: sighted.map(({ deviceId }) => deviceId) };
}

/** The chunk's state and its steps; the sealed rows go where no device waits for its directory object. */
async function close(
  client: pg.PoolClient,
  key: ChunkKey,
  fence: Fence,
  { survivors, rejected, consentId }: Decided,
): Promise<void> {
  const counts = countVerdicts(rejected);
  await client.query({
    name: 'chunk_registered',
    text: `update registry.run_chunk
           set state = $3, lines = $4, device_ids = $5, counts = $6, verdict_digest = $7, consent_id = $8
           where run_id = $1 and number = $2`,
    values: [
      key.runId,
      key.chunk,
      survivors.length === 0 ? 'settled' : 'registered',
      int4Array(survivors.map((device) => device.line)),
      uuidArray(survivors.map((device) => device.deviceId)),
      JSON.stringify(counts),
      digestOf(rejected, survivors),
      consentId,
    ],
  });
  if (fence.validate_only) await noteStep(client, key, 'validate', counts.would_register ?? 0);
  else await noteStep(client, key, 'register', survivors.length);
  await requestStep(client, key, 'precreate_directory_object', survivors.length);
  if (survivors.length === 0) await dropBody(client, key);
}

/** Whoever watches, and the audit chain. */
async function tell(
  client: pg.PoolClient,
  key: ChunkKey,
  fence: Fence,
  { survivors, rejected }: Decided,
  { changed, changedHardware }: Noticed,
): Promise<void> {
  const counts = countVerdicts(rejected);
  const said = {
    chunk: key.chunk,
    devices: survivors.length,
    counts,
    ...(changed.length > 0 && { changed: changed.length }),
  };
  await recordProgress(client, key, {
    counts,
    event: {
      kind: fence.validate_only ? 'chunk.validated' : 'chunk.registered',
      data: { ...said, ...(changedHardware.length > 0 && { changedHardware: changedHardware.length }) },
    },
    audit: {
      action: fence.validate_only ? 'devices.validate' : 'devices.register',
      data: {
        ...said,
        digest: digestOf(rejected, survivors).toString('hex'),
        ...(changedHardware.length > 0 && { changedHardware }),
      },
    },
  });
}

function awaitingOf({ deviceId, serialNumber, groupTag, purchaseOrder }: Candidate, kind: RunKind): AwaitingDevice {
  return { deviceId, serialNumber, groupTag, purchaseOrder, automatic: kind === 'automatic_registration' };
}

/** Recognises what the tenant's consent covers, and counts it. */
async function registerWithin(
  client: pg.PoolClient,
  key: ChunkKey,
  decision: ChunkDecision,
  sealer: Sealer,
  work: ScopeOfWork | null,
): Promise<{ survivors: Candidate[]; rejected: RejectedRow[] }> {
  if (work === null) return await recognise(client, key, decision, sealer);
  const covered = keepCovered(decision, work, Date.now());
  const found = await countAgainstScope(client, work, await recognise(client, key, covered, sealer));
  await markOwnRegistrations(client, key.tenantId, found.rejected);
  return found;
}

/** A device that was sent by its hash, under the name by which its maker may have had other hardware on file. */
function repairedNames({ tupleDigest, claims }: Candidate): { tupleDigest: string; deviceDigest: string }[] {
  return tupleDigest === null || tupleDigest === undefined ? [] : [{ tupleDigest, deviceDigest: claims[0]!.digest }];
}

/** Whose hardware seems to have changed. What a partner sends says nothing about a device that the tenant registered itself. */
function claimedBy(rejected: readonly RejectedRow[]): SightedDevice[] {
  return rejected.flatMap(({ changedHardwareOf, detail }) =>
    changedHardwareOf === undefined || detail?.registeredByTenant === true
      ? []
      : [{ deviceId: changedHardwareOf, sighting: 'claimed' as const }],
  );
}

function countVerdicts(rows: readonly RejectedRow[]): VerdictCounts {
  const counts: VerdictCounts = {};
  for (const { verdict } of rows) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

function digestOf(rejected: readonly RejectedRow[], survivors: readonly Candidate[]): Buffer {
  const digest = createHash('sha256');
  for (const row of rejected) digest.update(`${row.line}:${row.verdict}\n`);
  for (const device of survivors) digest.update(`${device.line}:${device.deviceId}\n`);
  return digest.digest();
}
