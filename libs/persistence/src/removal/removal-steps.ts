import type pg from 'pg';
import type { ChunkKey } from '../registration/chunk-store.js';

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
