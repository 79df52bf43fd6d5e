import type { Verdict, VerdictCounts } from '@groundcrew/domain';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { int4Array, uuidArray } from '../bulk/binary-arrays.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { settlePutBack } from '../removal/put-back-chunk.js';
import { keepRefusedRows } from '../failed-rows/keep-failed-rows.js';
import type { Sealer } from '../sealing.js';
import { dropBody, type ChunkKey } from './open-chunk.js';
import { insertItems, recordProgress } from './progress.js';
import { removeRegistrations } from './remove-registrations.js';
import { addToRegistered } from './within-scope.js';

/** What was read back of a chunk's directory objects. */
export interface SettledDirectory {
  /** Device to object, as observed. */
  objects: Map<string, string>;
  /** Devices whose object the directory refuses, and the verdict that follows. */
  refused: Map<string, Verdict>;
}

/** The chunk's directory request was accepted: the answer is written down so that people see what is waited for. */
export async function markDirectoryAccepted(pool: pg.Pool, key: ChunkKey): Promise<void> {
  await inTenant(pool, key.tenantId, (client) =>
    client.query({
      name: 'step_precreate_accepted',
      text: `update registry.run_step set state = 'accepted', accepted_at = clock_timestamp(), attempts = attempts + 1
             where run_id = $1 and step = 'precreate_directory_object' and chunk = $2 and device_id is null and state = 'requested'`,
      values: [key.runId, key.chunk],
    }),
  );
}

/** Writes down why a step waits and when it is tried next. */
export async function noteWait(
  pool: pg.Pool,
  key: ChunkKey,
  wait: { step: string; reason: string; nextTryMs: number },
): Promise<void> {
  await inTenant(pool, key.tenantId, (client) =>
    client.query({
      name: 'note_wait',
      text: `update registry.run_step
             set waiting_for = $4, attempts = attempts + 1, next_try_at = clock_timestamp() + $5 * interval '1 millisecond'
             where run_id = $1 and step = $2 and chunk = $3 and device_id is null and state <> 'observed'`,
      values: [key.runId, wait.step, key.chunk, wait.reason, wait.nextTryMs],
    }),
  );
}

/**
 * Gives the chunk's registered rows their verdict, in one transaction: what was observed is registered; what the directory
 * refused is undone for that device alone. A chunk that is settled already is left as it is.
 */
export async function settleChunk(
  pool: pg.Pool,
  key: ChunkKey,
  directory: SettledDirectory,
  sealer: Sealer,
): Promise<void> {
  await inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query<{
      state: string;
      lines: number[];
      device_ids: string[];
      verdict_digest: Buffer;
      consent_id: string | null;
    }>({
      name: 'fence_settle',
      text: `select state, lines, device_ids, verdict_digest, consent_id from registry.run_chunk
             where run_id = $1 and number = $2 for update`,
      values: [key.runId, key.chunk],
    });
    const chunk = rows[0];
    if (chunk === undefined) throw new Error(`run ${key.runId} has no chunk ${key.chunk}`);
    if (chunk.state === 'restoring') return await settlePutBack(client, key, chunk.device_ids, directory);
    if (chunk.state !== 'registered') return;

    const undone = chunk.device_ids.filter((id) => !directory.objects.has(id) && directory.refused.has(id)).length;
    if (chunk.consent_id !== null) await addToRegistered(client, chunk.consent_id, -undone);
    const counts = await giveVerdicts(client, key, chunk, directory, sealer);
    const digest = createHash('sha256').update(chunk.verdict_digest).update(JSON.stringify(counts)).digest();
    await client.query({
      name: 'chunk_settled',
      text: `update registry.run_chunk set state = 'settled', verdict_digest = $3 where run_id = $1 and number = $2`,
      values: [key.runId, key.chunk, digest],
    });
    await client.query({
      name: 'step_precreate_observed',
      text: `update registry.run_step
             set state = 'observed', accepted_at = coalesce(accepted_at, clock_timestamp()), observed_at = clock_timestamp(),
                 waiting_for = null, next_try_at = null
             where run_id = $1 and step = 'precreate_directory_object' and chunk = $2 and device_id is null`,
      values: [key.runId, key.chunk],
    });
    await dropBody(client, key);
    await recordProgress(client, key, {
      counts,
      event: { kind: 'chunk.settled', data: { chunk: key.chunk, counts } },
      audit: { action: 'devices.observe', data: { chunk: key.chunk, counts, digest: digest.toString('hex') } },
    });
  });
}

async function giveVerdicts(
  client: pg.PoolClient,
  key: ChunkKey,
  chunk: { lines: number[]; device_ids: string[] },
  directory: SettledDirectory,
  sealer: Sealer,
): Promise<VerdictCounts> {
  const lines: number[] = [];
  const devices: string[] = [];
  const objects: string[] = [];
  const refused: { line: number; deviceId: string; verdict: Verdict }[] = [];
  for (const [index, deviceId] of chunk.device_ids.entries()) {
    const line = chunk.lines[index]!;
    const object = directory.objects.get(deviceId);
    const verdict = directory.refused.get(deviceId);
    if (object !== undefined) {
      lines.push(line);
      devices.push(deviceId);
      objects.push(object);
    } else if (verdict !== undefined) {
      refused.push({ line, deviceId, verdict });
    } else {
      throw new Error(`device ${deviceId} was neither observed nor refused`);
    }
  }
  await insertRegistered(client, key, lines, devices, objects);
  if (refused.length > 0) await undoRefused(client, key, refused);
  const lost = refused.map(({ line }) => line);
  await keepRefusedRows(client, key, lost, sealer);
  const counts: VerdictCounts = {};
  if (lines.length > 0) counts.registered = lines.length;
  for (const { verdict } of refused) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

async function insertRegistered(
  client: pg.PoolClient,
  key: ChunkKey,
  lines: number[],
  devices: string[],
  objects: string[],
): Promise<void> {
  await client.query({
    name: 'insert_directory_objects',
    text: `insert into registry.device_directory_object (tenant_id, device_id, object_id)
           select $1, w.device, w.object from unnest($2::uuid[], $3::uuid[]) as w (device, object)`,
    values: [key.tenantId, uuidArray(devices), uuidArray(objects)],
  });
  await client.query({
    name: 'insert_registered_items',
    text: `insert into registry.run_item (run_id, line, tenant_id, verdict, device_id)
           select $1, w.line, $2, 'registered', w.device from unnest($3::integer[], $4::uuid[]) as w (line, device)`,
    values: [key.runId, key.tenantId, int4Array(lines), uuidArray(devices)],
  });
}

/** The registration is taken back for these devices alone: claims, keys, snapshot, hash and device go, the row keeps its reason. */
async function undoRefused(
  client: pg.PoolClient,
  key: ChunkKey,
  refused: readonly { line: number; deviceId: string; verdict: Verdict }[],
): Promise<void> {
  const devices = refused.map((row) => row.deviceId);
  await removeRegistrations(client, key.tenantId, devices);
  await client.query(
    `insert into registry.run_step (run_id, step, chunk, device_id, tenant_id, state, devices, attempts, accepted_at, detail)
     select $1, 'precreate_directory_object', $2, w.device, $3, 'refused', 1, 1, clock_timestamp(), '{"undone": "registration"}'
     from unnest($4::uuid[]) as w (device)`,
    [key.runId, key.chunk, key.tenantId, devices],
  );
  await insertItems(
    client,
    key,
    refused.map(({ line, verdict }) => ({ line, verdict, detail: null })),
  );
}
