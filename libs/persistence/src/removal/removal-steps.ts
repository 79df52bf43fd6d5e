import type pg from 'pg';
import type { ChunkKey } from '../registration/open-chunk.js';

/** The registration is gone; the directory has still to let go of the objects. */
export async function writeRemovalSteps(client: pg.PoolClient, key: ChunkKey, devices: number): Promise<void> {
  await client.query({
    name: 'step_removed',
    text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices, attempts, accepted_at, observed_at)
           values ($1, 'remove_registration', $2, $3, 'observed', $4, 1, clock_timestamp(), clock_timestamp())`,
    values: [key.runId, key.chunk, key.tenantId, devices],
  });
  if (devices === 0) return;
  await client.query({
    name: 'step_release_requested',
    text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices)
           values ($1, 'release_directory_object', $2, $3, 'requested', $4)`,
    values: [key.runId, key.chunk, key.tenantId, devices],
  });
}

/** Adds to what a run says it has undone, and put back. Just before the run's other counters: the row is locked from here on. */
export async function countTakenBack(
  client: pg.PoolClient,
  runId: string,
  { undone = 0, putBack = 0 }: { undone?: number; putBack?: number },
): Promise<void> {
  await client.query({
    name: 'count_taken_back',
    text: `update registry.run set taken_back = jsonb_build_object(
             'undone', coalesce((taken_back->>'undone')::integer, 0) + $2::integer,
             'putBack', coalesce((taken_back->>'putBack')::integer, 0) + $3::integer)
           where id = $1`,
    values: [runId, undone, putBack],
  });
}
