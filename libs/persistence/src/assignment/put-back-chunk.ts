import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import { recordProgress } from '../registration/progress.js';
import type { ChunkEnd } from './assign-chunk.js';
import { fenceChunk, type DeviceList } from './fenced-chunk.js';

/**
 * Puts the chunk's devices back to what they had before the run, in one transaction, and reads that back in the next. A device that
 * booted meanwhile keeps what it got, and its row and the run's history say so.
 */
export async function putBackChunk(pool: pg.Pool, key: ChunkKey): Promise<ChunkEnd> {
  await inTenant(pool, key.tenantId, (client) => putBack(client, key));
  return await inTenant(pool, key.tenantId, (client) => confirm(client, key));
}

async function putBack(client: pg.PoolClient, key: ChunkKey): Promise<void> {
  const chunk = await fenceChunk(client, key);
  if (chunk.state !== 'written' && chunk.state !== 'observed') return;
  // First those that may go back: a device that boots between the two statements is then either done with or kept, never both.
  const putBackDevices = await restoreFormer(client, key, chunk.deviceIds);
  const kept = await keepDelivered(client, key, chunk.deviceIds);
  const outcome = { putBack: putBackDevices, kept: kept.length };
  await client.query({
    name: 'assignment_chunk_put_back',
    text: `update registry.assignment_chunk set state = 'put_back', outcome = outcome || $3::jsonb where run_id = $1 and number = $2`,
    values: [key.runId, key.chunk, JSON.stringify(outcome)],
  });
  await client.query({
    name: 'steps_put_back_profile',
    text: `insert into registry.run_step as s (run_id, step, chunk, device_id, tenant_id, state, devices, attempts, accepted_at, detail)
           select $1::uuid, 'put_back_profile', $2::integer, null::uuid, $3::uuid, 'accepted', $4::integer, 1, clock_timestamp(), null::jsonb
           union all
           select $1, 'put_back_profile', $2, w.id, $3, 'refused', 1, 1, clock_timestamp(), '{"kept": "delivered"}'
           from unnest($5::uuid[]) as w (id)
           on conflict (run_id, step, chunk, device_id) do update set attempts = s.attempts + 1`,
    values: [key.runId, key.chunk, key.tenantId, putBackDevices, kept],
  });
  await recordProgress(client, key, {
    counts: {},
    event: { kind: 'chunk.put_back', data: { chunk: key.chunk, ...outcome } },
    audit: {
      action: 'profiles.put_back',
      data: { chunk: key.chunk, ...outcome, ...(kept.length > 0 && { keptDevices: kept }) },
    },
  });
}

/** What a device booted with cannot be taken from it any more: the point of no return, per device. */
async function keepDelivered(client: pg.PoolClient, key: ChunkKey, deviceIds: DeviceList): Promise<string[]> {
  const { rows } = await client.query<{ device_id: string }>({
    text: `update registry.device_assignment a
           set kept_run_id = $1, state = case a.state when 'assigning' then 'assigned' else a.state end,
               assigned_at = coalesce(a.assigned_at, a.delivered_at)
           where a.tenant_id = $2 and a.device_id = any ($3::uuid[]) and a.run_id = $1 and a.delivered_run_id = $1
           returning a.device_id`,
    values: [key.runId, key.tenantId, deviceIds],
  });
  return rows.map((row) => row.device_id).sort();
}

async function restoreFormer(client: pg.PoolClient, key: ChunkKey, deviceIds: DeviceList): Promise<number> {
  const { rowCount } = await client.query({
    text: `update registry.device_assignment a
           set state = coalesce((a.former).state, 'unassigned'), profile_id = (a.former).profile_id,
               profile_version = (a.former).profile_version, source = coalesce((a.former).source, 'built_in'),
               via_group_id = (a.former).via_group_id, detail = (a.former).detail, assigned_at = (a.former).assigned_at,
               run_id = (a.former).run_id, put_back_run_id = $1
           where a.tenant_id = $2 and a.device_id = any ($3::uuid[]) and a.run_id = $1 and a.delivered_run_id is distinct from $1`,
    values: [key.runId, key.tenantId, deviceIds],
  });
  return rowCount ?? 0;
}

/** Done is what was read back: each device has what it had before, and nothing of this run is left but what devices booted with. */
async function confirm(client: pg.PoolClient, key: ChunkKey): Promise<ChunkEnd> {
  const chunk = await fenceChunk(client, key);
  if (chunk.state !== 'put_back') return 'done';
  const { rows } = await client.query<{ left: number; different: number }>({
    text: `select count(*) filter (where a.run_id = $1 and a.kept_run_id is distinct from $1)::integer as left,
                  count(*) filter (where a.put_back_run_id = $1
                    and (a.state, a.profile_id, a.profile_version, a.source, a.via_group_id, a.detail, a.assigned_at, a.run_id)
                      is distinct from (coalesce((a.former).state, 'unassigned'), (a.former).profile_id, (a.former).profile_version,
                        coalesce((a.former).source, 'built_in'), (a.former).via_group_id, (a.former).detail, (a.former).assigned_at,
                        (a.former).run_id))::integer as different
           from registry.device_assignment a where a.tenant_id = $2 and a.device_id = any ($3::uuid[])`,
    values: [key.runId, key.tenantId, chunk.deviceIds],
  });
  const { left, different } = rows[0]!;
  const state = left === 0 && different === 0 ? 'restored' : 'written';
  await client.query({
    name: 'assignment_chunk_restored',
    text: 'update registry.assignment_chunk set state = $3 where run_id = $1 and number = $2',
    values: [key.runId, key.chunk, state],
  });
  if (state === 'written') return 'differs';
  await client.query({
    name: 'step_put_back_observed',
    text: `update registry.run_step set state = 'observed', observed_at = clock_timestamp(), waiting_for = null, next_try_at = null
           where run_id = $1 and step = 'put_back_profile' and chunk = $2 and device_id is null`,
    values: [key.runId, key.chunk],
  });
  return 'done';
}
