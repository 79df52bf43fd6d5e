import type pg from 'pg';
import type { ChunkKey } from '../registration/chunk-store.js';

/** What devices are due that agree in everything the decision depends on. */
export interface DueAssignment {
  /** By this number the staged devices refer to it. */
  combination: number;
  state: 'unassigned' | 'assigning' | 'failed';
  profileId: string | null;
  profileVersion: number | null;
  source: 'group' | 'all_devices' | 'built_in';
  viaGroupId: string | null;
  detail: string | null;
  groupIds: readonly string[];
}

/** Without a profile the service's built-in default applies. Source: domain.md 5.5. */
const builtInDefault: DueAssignment = {
  combination: 0,
  state: 'unassigned',
  profileId: null,
  profileVersion: null,
  source: 'built_in',
  viaGroupId: null,
  detail: null,
  groupIds: [],
};

/**
 * Puts the chunk's devices, as far as they are still registered, into a table of this session, each with the number of what it is due.
 */
export async function stageDueAssignments(
  client: pg.PoolClient,
  key: ChunkKey,
): Promise<{ devices: number; due: DueAssignment[] }> {
  await client.query(
    'create temporary table if not exists stage_assignment (device_id uuid, combination integer) on commit delete rows',
  );
  const { rowCount } = await client.query({
    name: 'stage_due_assignments',
    text: `insert into stage_assignment (device_id, combination)
           select d.id, 0 from registry.assignment_chunk c cross join unnest(c.device_ids) as w (id)
           join registry.device d on d.tenant_id = $3 and d.id = w.id
           where c.run_id = $1 and c.number = $2`,
    values: [key.runId, key.chunk, key.tenantId],
  });
  return { devices: rowCount ?? 0, due: [builtInDefault] };
}
