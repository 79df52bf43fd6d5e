import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import { recordProgress } from '../registration/progress.js';

const step = 'release_directory_object';

/** The devices of a chunk whose registration is gone and whose directory objects are not, or null where nothing is left to do. */
export async function loadReleasing(pool: pg.Pool, key: ChunkKey): Promise<string[] | null> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query<{ device_ids: string[] }>({
      name: 'load_releasing',
      text: `select device_ids from registry.run_chunk where run_id = $1 and number = $2 and state = 'taken_back'`,
      values: [key.runId, key.chunk],
    });
    return rows[0]?.device_ids ?? null;
  });
}

/** The directory has taken the request: people see what is waited for. */
export async function markReleaseAccepted(pool: pg.Pool, key: ChunkKey): Promise<void> {
  await inTenant(pool, key.tenantId, (client) =>
    client.query({
      name: 'step_release_accepted',
      text: `update registry.run_step set state = 'accepted', accepted_at = clock_timestamp(), attempts = attempts + 1
             where run_id = $1 and step = '${step}' and chunk = $2 and device_id is null and state = 'requested'`,
      values: [key.runId, key.chunk],
    }),
  );
}

/**
 * The directory was seen without these registrations. An object that something else needs stays, and the step says how many.
 * A chunk that is released already is left as it is.
 */
export async function settleRelease(pool: pg.Pool, key: ChunkKey, seen: { gone: number; kept: number }): Promise<void> {
  await inTenant(pool, key.tenantId, async (client) => {
    const moved = await client.query({
      name: 'chunk_released',
      text: `update registry.run_chunk set state = 'released' where run_id = $1 and number = $2 and state = 'taken_back'`,
      values: [key.runId, key.chunk],
    });
    if (moved.rowCount === 0) return;
    await client.query({
      name: 'step_release_observed',
      text: `update registry.run_step
             set state = 'observed', accepted_at = coalesce(accepted_at, clock_timestamp()), observed_at = clock_timestamp(),
                 waiting_for = null, next_try_at = null, detail = $3::jsonb
             where run_id = $1 and step = '${step}' and chunk = $2 and device_id is null`,
      values: [key.runId, key.chunk, JSON.stringify(seen)],
    });
    await recordProgress(client, key, {
      counts: {},
      event: { kind: 'chunk.released', data: { chunk: key.chunk, ...seen } },
      audit: { action: 'directory.release', data: { chunk: key.chunk, ...seen } },
    });
  });
}
