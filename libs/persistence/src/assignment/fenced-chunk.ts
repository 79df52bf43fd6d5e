import type pg from 'pg';
import type { ChunkKey } from '../registration/open-chunk.js';
import type { ProfileCount } from './profile-counts.js';

/** A chunk's devices as PostgreSQL writes an array of them: they go from one statement to the next, and nobody here takes them apart. */
export type DeviceList = string;

export interface FencedChunk {
  state: 'planned' | 'written' | 'observed' | 'put_back' | 'restored';
  deviceIds: DeviceList;
  /** How many that are. */
  devices: number;
  written: ProfileCount[];
  /** Somebody told the run to cancel. */
  cancelling: boolean;
}

/** Holds a chunk: whoever comes second waits, and finds how far the first one came. */
export async function fenceChunk(client: pg.PoolClient, key: ChunkKey): Promise<FencedChunk> {
  const { rows } = await client.query<FencedChunk>({
    name: 'fence_assignment_chunk',
    text: `select c.state, c.device_ids::text as "deviceIds", cardinality(c.device_ids) as devices, c.written, r.commanded is not distinct from 'cancel' as cancelling
           from registry.assignment_chunk c join registry.run r on r.id = c.run_id
           where c.run_id = $1 and c.number = $2 for update of c`,
    values: [key.runId, key.chunk],
  });
  if (rows[0] === undefined) throw new Error(`run ${key.runId} has no chunk ${key.chunk}`);
  return rows[0];
}

/**
 * What the chunk's devices have now, as far as this run decided it. Statements over a chunk name its devices as one array and are planned
 * for it: each row is then found by its key, however large the tenant is.
 */
export async function readBack(client: pg.PoolClient, key: ChunkKey, deviceIds: DeviceList): Promise<ProfileCount[]> {
  const { rows } = await client.query<ProfileCount>({
    text: `select a.state, a.profile_id as "profileId", a.profile_version as "profileVersion", count(*)::integer as devices
           from registry.device_assignment a
           where a.tenant_id = $1 and a.device_id = any ($2::uuid[]) and a.run_id = $3
           group by 1, 2, 3`,
    values: [key.tenantId, deviceIds, key.runId],
  });
  return rows;
}

/** How many of the chunk's devices are registered no more. */
export async function countGone(client: pg.PoolClient, key: ChunkKey, deviceIds: DeviceList): Promise<number> {
  const { rows } = await client.query<{ gone: number }>({
    text: `select cardinality($2::uuid[]) - count(*)::integer as gone from registry.device where tenant_id = $1 and id = any ($2::uuid[])`,
    values: [key.tenantId, deviceIds],
  });
  return rows[0]!.gone;
}
