import type pg from 'pg';
import type { ChunkKey } from '../registration/chunk-store.js';
import type { ProfileCount } from './profile-counts.js';

export interface FencedChunk {
  state: 'planned' | 'written' | 'observed' | 'put_back' | 'restored';
  devices: number;
  written: ProfileCount[];
  /** Somebody told the run to cancel. */
  cancelling: boolean;
}

/** Holds a chunk: whoever comes second waits, and finds how far the first one came. */
export async function fenceChunk(client: pg.PoolClient, key: ChunkKey): Promise<FencedChunk> {
  const { rows } = await client.query<FencedChunk>({
    name: 'fence_assignment_chunk',
    text: `select c.state, cardinality(c.device_ids) as devices, c.written, r.commanded is not distinct from 'cancel' as cancelling
           from registry.assignment_chunk c join registry.run r on r.id = c.run_id
           where c.run_id = $1 and c.number = $2 for update of c`,
    values: [key.runId, key.chunk],
  });
  if (rows[0] === undefined) throw new Error(`run ${key.runId} has no chunk ${key.chunk}`);
  return rows[0];
}

/** What the chunk's devices have now, as far as this run decided it. */
export async function readBack(client: pg.PoolClient, key: ChunkKey): Promise<ProfileCount[]> {
  const { rows } = await client.query<ProfileCount>({
    name: 'read_back_assignments',
    text: `select a.state, a.profile_id as "profileId", a.profile_version as "profileVersion", count(*)::integer as devices
           from registry.assignment_chunk c cross join unnest(c.device_ids) as w (id)
           join registry.device_assignment a on a.tenant_id = $3 and a.device_id = w.id and a.run_id = c.run_id
           where c.run_id = $1 and c.number = $2
           group by 1, 2, 3`,
    values: [key.runId, key.chunk, key.tenantId],
  });
  return rows;
}

/** How many of the chunk's devices are registered no more. */
export async function countGone(client: pg.PoolClient, key: ChunkKey): Promise<number> {
  const { rows } = await client.query<{ gone: number }>({
    name: 'count_gone_devices',
    text: `select count(*)::integer as gone from registry.assignment_chunk c cross join unnest(c.device_ids) as w (id)
           where c.run_id = $1 and c.number = $2
             and not exists (select 1 from registry.device d where d.tenant_id = $3 and d.id = w.id)`,
    values: [key.runId, key.chunk, key.tenantId],
  });
  return rows[0]!.gone;
}
