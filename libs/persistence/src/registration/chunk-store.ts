import {
  authorizePartnerAction,
  type ConsentScope,
  type ConsentState,
  type InFlightChoice,
  type PartnerStatus,
  type RunKind,
  type VerdictCounts,
} from '@groundcrew/domain';
import { createHash } from 'node:crypto';
import pg from 'pg';
import { int4Array, uuidArray } from '../bulk/binary-arrays.js';
import { readBytes } from '../bulk/read-bytes.js';
import { SpareBuffers } from '../bulk/spare-buffers.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { RunDefaults } from '../rows/run.row.js';
import type { Sealer } from '../sealing.js';
import type { Candidate, ChunkDecision, RejectedRow } from './chunk-decision.js';
import { insertCorrections } from '../corrections/insert-corrections.js';
import { isKept, keepFailedRows } from '../failed-rows/keep-failed-rows.js';
import { designateRegistered, rejectForeignUsers } from '../designation/designate-chunk.js';
import { insertDevices } from './insert-devices.js';
import { assignChanged, mergeKnown } from './merge-known.js';
import { markOwnRegistrations } from './own-registrations.js';
import { insertItems, recordProgress } from './progress.js';
import { supersedeOnFile } from '../makers/find-on-file.js';
import { onlyDecide } from './only-decide.js';
import { recognise } from './recognise.js';
import { noteSightings, type SightedDevice } from '../remediation/note-sightings.js';
import { refineVerdicts } from './refine-verdicts.js';
import { countAgainstScope, keepCovered, withhold, type ScopeOfWork } from './within-scope.js';

export interface ChunkKey {
  runId: string;
  tenantId: string;
  chunk: number;
}

/** A chunk as its activity finds it. */
export interface OpenChunk {
  kind: RunKind;
  validateOnly: boolean;
  /** Null where the tenant sends it itself. */
  partnerId: string | null;
  format: 'json' | 'jsonl' | 'csv';
  csvHeader: string | null;
  defaults: RunDefaults;
  firstLine: number;
  lineCount: number;
  sealedBody: Buffer;
}

/** Devices of a chunk that wait for their directory objects. */
export interface AwaitingDevice {
  deviceId: string;
  serialNumber: string | null;
  groupTag: string | null;
  purchaseOrder: string | null;
  /** It was enrolled before it was registered: an object that it has joined with is tagged, never asked for. */
  automatic: boolean;
}

/** One for each chunk that is under way. */
const spareBodies = new SpareBuffers(3);

/** The part's rows were read, and nobody looks at them any more. */
export function releaseBody({ sealedBody }: OpenChunk): void {
  spareBodies.give(sealedBody);
}

/** Loads a chunk that is still to be decided, or null where that has been done. */
export async function loadOpenChunk(pool: pg.Pool, key: ChunkKey): Promise<OpenChunk | null> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query({
      name: 'load_open_chunk',
      text: `select r.kind, r.validate_only, r.partner_id, r.source_format, r.csv_header, r.defaults, c.first_line, c.line_count
             from registry.run_chunk c join registry.run r on r.id = c.run_id
             where c.run_id = $1 and c.number = $2 and c.state = 'sealed'`,
      values: [key.runId, key.chunk],
    });
    const row = rows[0];
    if (row === undefined) return null;
    const sealedBody = await readBytes(
      client,
      `select body from registry.intake_part where intake_id = ${pg.escapeLiteral(key.runId)} and number = ${Number(key.chunk)}`,
      spareBodies,
    );
    if (sealedBody === null) return null;
    return {
      kind: row.kind,
      validateOnly: row.validate_only,
      partnerId: row.partner_id,
      format: row.source_format,
      csvHeader: row.csv_header,
      defaults: row.defaults,
      firstLine: row.first_line,
      lineCount: row.line_count,
      sealedBody,
    };
  });
}

/**
 * Registers what may be registered and writes down the rows that may not, in one transaction. The chunk's state is the
 * fence: whoever comes second finds the work done.
 *
 * Locks are taken in the same order by everybody: chunk, authority, claims (sorted), run, audit head.
 *
 * @param sealer opens the snapshots that candidates are compared with, and seals the new ones
 * @returns how many devices now wait for their directory object
 */
export async function registerChunk(
  pool: pg.Pool,
  key: ChunkKey,
  given: ChunkDecision,
  sealer: Sealer,
): Promise<number> {
  return inTenant(pool, key.tenantId, async (client) => {
    const fence = await client.query<{
      state: string;
      awaiting: number;
      partner_id: string | null;
      consent_id: string | null;
      commanded: string | null;
      validate_only: boolean;
      kind: RunKind;
    }>({
      name: 'fence_chunk',
      text: `select c.state, coalesce(cardinality(c.device_ids), 0) as awaiting, r.partner_id, r.consent_id, r.commanded,
               r.validate_only, r.kind
             from registry.run_chunk c join registry.run r on r.id = c.run_id
             where c.run_id = $1 and c.number = $2 for update of c`,
      values: [key.runId, key.chunk],
    });
    const found = fence.rows[0];
    if (found === undefined) throw new Error(`run ${key.runId} has no chunk ${key.chunk}`);
    if (found.state === 'registered') return found.awaiting;
    // A run that is cancelled begins nothing more: its chunks are taken back as they are.
    if (found.state !== 'sealed' || found.commanded === 'cancel') return 0;

    const authority = await lockAuthority(client, found.partner_id, key.tenantId, found.consent_id);
    const decision = await rejectForeignUsers(client, key.tenantId, given);
    const { validate_only: onlyAsked } = found;
    const work = authority.ok ? authority.work : null;
    const decide = () =>
      authority.ok
        ? registerWithin(client, key, decision, sealer, onlyAsked ? uncounted(work) : work)
        : Promise.resolve({ survivors: [], rejected: withhold(decision, authority.refusal).rejected });
    const besides = { work, joined: decision.joined ?? new Map() };
    const decided = onlyAsked ? await onlyDecide(client, key, besides, decide) : await decide();
    const { survivors } = decided;
    const rejected = await refineVerdicts(client, key, found.kind, decided.rejected);
    const changed =
      found.validate_only || !authority.ok
        ? []
        : await mergeKnown(client, key, found.partner_id, decision.candidates, rejected);

    if (survivors.length > 0) {
      await insertDevices(client, key, found.partner_id, survivors);
      await designateRegistered(client, key.tenantId, survivors);
      await supersedeOnFile(client, survivors.flatMap(repairedNames));
    }
    if (rejected.length > 0) await insertItems(client, key, rejected);
    const changedHardware = found.validate_only ? [] : await noteSightings(client, key.tenantId, claimedBy(rejected));
    if (decision.corrected !== undefined) await insertCorrections(client, key, decision.corrected);
    if (decision.arrived !== undefined) {
      const lines = rejected.filter(isKept).map(({ line }) => line);
      await keepFailedRows(client, key, 'decided', lines, decision.arrived, sealer);
    }

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
        authority.ok ? (authority.work?.consentId ?? null) : null,
      ],
    });
    await client.query({
      name: 'step_registered',
      text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices, attempts, accepted_at, observed_at)
             values ($1, $5, $2, $3, 'observed', $4, 1, clock_timestamp(), clock_timestamp())`,
      values: [
        key.runId,
        key.chunk,
        key.tenantId,
        found.validate_only ? (counts.would_register ?? 0) : survivors.length,
        found.validate_only ? 'validate' : 'register',
      ],
    });
    if (survivors.length > 0) {
      await client.query({
        name: 'step_precreate_requested',
        text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices)
               values ($1, 'precreate_directory_object', $2, $3, 'requested', $4)`,
        values: [key.runId, key.chunk, key.tenantId, survivors.length],
      });
    } else {
      await dropBody(client, key);
    }
    await assignChanged(client, key, changed);
    await recordProgress(client, key, {
      counts,
      event: {
        kind: found.validate_only ? 'chunk.validated' : 'chunk.registered',
        data: {
          chunk: key.chunk,
          devices: survivors.length,
          counts,
          ...(changedHardware.length > 0 && { changedHardware: changedHardware.length }),
          ...(changed.length > 0 && { changed: changed.length }),
        },
      },
      audit: {
        action: found.validate_only ? 'devices.validate' : 'devices.register',
        data: {
          chunk: key.chunk,
          devices: survivors.length,
          counts,
          ...(changed.length > 0 && { changed: changed.length }),
          digest: digestOf(rejected, survivors).toString('hex'),
          ...(changedHardware.length > 0 && { changedHardware: changedHardware.map(({ deviceId }) => deviceId) }),
        },
      },
    });
    return survivors.length;
  });
}

/** The devices of a chunk that were registered, or put back, or null where that is settled already or the run is cancelled. */
export async function loadAwaiting(pool: pg.Pool, key: ChunkKey): Promise<AwaitingDevice[] | null> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query({
      name: 'load_awaiting',
      text: `select d.id, d.serial_number, d.group_tag, d.purchase_order, r.kind = 'automatic_registration' as automatic
             from registry.run_chunk c
             join registry.run r on r.id = c.run_id
             cross join lateral unnest(c.device_ids) as w (id)
             join registry.device d on d.tenant_id = c.tenant_id and d.id = w.id
             where c.run_id = $1 and c.number = $2
               and (c.state = 'restoring' or (c.state = 'registered' and r.commanded is distinct from 'cancel'))`,
      values: [key.runId, key.chunk],
    });
    if (rows.length === 0) return null;
    return rows.map((row) => ({
      deviceId: row.id,
      serialNumber: row.serial_number,
      groupTag: row.group_tag,
      purchaseOrder: row.purchase_order,
      automatic: row.automatic,
    }));
  });
}

/** Removes the chunk's sealed rows: every one of them has its verdict. */
export async function dropBody(client: pg.PoolClient, key: ChunkKey): Promise<void> {
  await client.query({
    name: 'drop_body',
    text: 'delete from registry.intake_part where intake_id = $1 and number = $2',
    values: [key.runId, key.chunk],
  });
}

/** Work without a consent is the tenant's own. */
type Authority = { ok: true; work: ScopeOfWork | null } | { ok: false; refusal: string };

async function lockAuthority(
  client: pg.PoolClient,
  partnerId: string | null,
  tenantId: string,
  acceptedUnder: string | null,
): Promise<Authority> {
  if (partnerId === null) return await holdTenant(client, tenantId);
  const { rows } = await client.query<{
    partner_status: PartnerStatus;
    consent_id: string;
    consent_state: ConsentState | null;
    scope: ConsentScope;
    registered: number;
    accepted_state: ConsentState | null;
    accepted_in_flight: InFlightChoice | null;
  }>({
    name: 'lock_authority',
    text: `select partner_status, consent_id, consent_state, scope, registered, accepted_state, accepted_in_flight
           from registry.lock_registration_authority($1, $2, $3)`,
    values: [partnerId, tenantId, acceptedUnder],
  });
  const row = rows[0]!;
  const decision = authorizePartnerAction('accepted_order', 'register_accepted_rows', {
    status: row.partner_status,
    consent: row.consent_state,
    acceptedUnder: row.accepted_state === null ? null : { state: row.accepted_state, inFlight: row.accepted_in_flight },
  });
  if (!decision.ok) return decision;
  return { ok: true, work: { consentId: row.consent_id, scope: row.scope, registered: row.registered } };
}

/** A tenant needs nobody's consent to register for itself, but it has to be here still. */
export async function holdTenant(client: pg.PoolClient, tenantId: string): Promise<Authority> {
  const { rows } = await client.query<{ here: boolean }>({
    name: 'hold_tenant',
    text: 'select registry.hold_tenant($1) as here',
    values: [tenantId],
  });
  return rows[0]!.here ? { ok: true, work: null } : { ok: false, refusal: 'tenant.not-found' };
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

/** The same consent for chunks that are only decided: they are counted beside each other, not against what is registered. */
function uncounted(work: ScopeOfWork | null): ScopeOfWork | null {
  if (work === null) return null;
  const { quantity: _, ...scope } = work.scope;
  return { ...work, scope };
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
