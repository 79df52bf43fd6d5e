import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import { recordProgress } from '../registration/progress.js';
import { stageDueAssignments } from './due-assignments.js';
import { countGone, fenceChunk, readBack, type DeviceList, type FencedChunk } from './fenced-chunk.js';
import { addCounts, devicesIn, missingFrom, type ProfileCount } from './profile-counts.js';
import { writeAssignments } from './write-assignments.js';

/** How a chunk came out: it is done, somebody asked the run to stop, or what was read back is not what was written. */
export type ChunkEnd = 'done' | 'stop' | 'differs';

/**
 * Decides which profile each device of the chunk is due and writes it beside what the device had before, in one transaction; reads it
 * back in the next. Only then a device is assigned, with a date. The chunk's state is the fence: whoever comes second goes on where
 * the first one stopped.
 *
 * Locks: chunk, devices without an assignment, assignments, run, audit head.
 */
export async function assignChunk(pool: pg.Pool, key: ChunkKey): Promise<ChunkEnd> {
  const written = await inTenant(pool, key.tenantId, (client) => write(client, key));
  return written === 'done' ? await inTenant(pool, key.tenantId, (client) => confirm(client, key)) : written;
}

async function write(client: pg.PoolClient, key: ChunkKey): Promise<ChunkEnd> {
  const chunk = await fenceChunk(client, key);
  if (chunk.state !== 'planned') return 'done';
  if (chunk.cancelling) return 'stop';
  const { devices, due } = await stageDueAssignments(client, key.tenantId, chunk);
  const { first, changed } = await writeAssignments(client, key, { deviceIds: chunk.deviceIds, staged: devices }, due);
  const written = addCounts(first, changed);
  // A new device that no profile reaches has what it had: the built-in default.
  const moved = devicesIn(changed) + devicesIn(first.filter(({ state }) => state !== 'unassigned'));
  const outcome = {
    devices: chunk.devices,
    moved,
    unchanged: devices - moved,
    failed: devicesIn(written.filter(({ state }) => state === 'failed')),
    gone: chunk.devices - devices,
  };
  await client.query({
    name: 'assignment_chunk_written',
    text: `update registry.assignment_chunk set state = 'written', written = $3, outcome = $4 where run_id = $1 and number = $2`,
    values: [key.runId, key.chunk, JSON.stringify(written), JSON.stringify(outcome)],
  });
  await client.query({
    name: 'step_assign_profile',
    text: `insert into registry.run_step as s (run_id, step, chunk, tenant_id, state, devices, attempts, accepted_at)
           values ($1, 'assign_profile', $2, $3, 'accepted', $4, 1, clock_timestamp())
           on conflict (run_id, step, chunk, device_id) do update set devices = $4, attempts = s.attempts + 1`,
    values: [key.runId, key.chunk, key.tenantId, moved],
  });
  await recordProgress(client, key, {
    counts: {},
    event: { kind: 'chunk.assigning', data: { chunk: key.chunk, ...outcome } },
    audit: { action: 'profiles.assign', data: { chunk: key.chunk, ...outcome, written } },
  });
  return 'done';
}

/**
 * Reads back what was written, and dates it in the same statement. Where it is not what was written the dates are taken back, and the
 * chunk will be written again.
 */
async function confirm(client: pg.PoolClient, key: ChunkKey): Promise<ChunkEnd> {
  const chunk = await fenceChunk(client, key);
  if (chunk.state !== 'written') return 'done';
  await client.query('savepoint read_back');
  const found = addCounts(await dateAssigned(client, key, chunk.deviceIds), await readUndated(client, key, chunk));
  const missing = missingFrom(found, chunk.written);
  if (missing === null || (missing > 0 && missing > (await countGone(client, key, chunk.deviceIds)))) {
    await client.query('rollback to savepoint read_back');
    await client.query(`update registry.assignment_chunk set state = 'planned' where run_id = $1 and number = $2`, [
      key.runId,
      key.chunk,
    ]);
    return 'differs';
  }
  await client.query({
    name: 'assignment_chunk_observed',
    text: `update registry.assignment_chunk set state = 'observed' where run_id = $1 and number = $2`,
    values: [key.runId, key.chunk],
  });
  await client.query({
    name: 'step_assign_profile_observed',
    text: `update registry.run_step set state = 'observed', observed_at = clock_timestamp(), waiting_for = null, next_try_at = null
           where run_id = $1 and step = 'assign_profile' and chunk = $2 and device_id is null`,
    values: [key.runId, key.chunk],
  });
  const devices = devicesIn(found);
  await recordProgress(client, key, {
    counts: {},
    event: { kind: 'chunk.assigned', data: { chunk: key.chunk, devices } },
    audit: { action: 'profiles.observe', data: { chunk: key.chunk, devices } },
  });
  return 'done';
}

/** What was found to be assigned, by profile, as it was before it was dated. */
async function dateAssigned(client: pg.PoolClient, key: ChunkKey, deviceIds: DeviceList): Promise<ProfileCount[]> {
  const { rows } = await client.query<ProfileCount>({
    text: `with dated as (
             update registry.device_assignment a set state = 'assigned', assigned_at = clock_timestamp()
             where a.tenant_id = $1 and a.device_id = any ($2::uuid[]) and a.run_id = $3 and a.state = 'assigning'
             returning a.profile_id, a.profile_version)
           select 'assigning' as state, profile_id as "profileId", profile_version as "profileVersion", count(*)::integer as devices
           from dated group by 2, 3`,
    values: [key.tenantId, deviceIds, key.runId],
  });
  return rows;
}

/** What else this run decided of them: devices that no profile reaches any more, and those that theirs does not fit. */
async function readUndated(client: pg.PoolClient, key: ChunkKey, chunk: FencedChunk): Promise<ProfileCount[]> {
  if (chunk.written.every(({ state }) => state === 'assigning')) return [];
  const found = await readBack(client, key, chunk.deviceIds);
  return found.filter(({ state }) => state !== 'assigned');
}
