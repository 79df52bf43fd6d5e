import type pg from 'pg';
import type { ChunkKey } from './open-chunk.js';

/** A step that this transaction has done itself, for so many devices of a chunk: it is observed as soon as it commits. */
export async function noteStep(client: pg.PoolClient, key: ChunkKey, step: string, devices: number): Promise<void> {
  await client.query({
    name: 'note_step',
    text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices, attempts, accepted_at, observed_at)
           values ($1, $2, $3, $4, 'observed', $5, 1, clock_timestamp(), clock_timestamp())`,
    values: [key.runId, step, key.chunk, key.tenantId, devices],
  });
}

/** A step that a neighbour is to be asked for next, where there are devices left. */
export async function requestStep(client: pg.PoolClient, key: ChunkKey, step: string, devices: number): Promise<void> {
  if (devices === 0) return;
  await client.query({
    name: 'request_step',
    text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices)
           values ($1, $2, $3, $4, 'requested', $5)`,
    values: [key.runId, step, key.chunk, key.tenantId, devices],
  });
}
