import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import type { ChunkKey } from '../registration/chunk-store.js';
import { loadAssignmentRules } from './assignment-rules.js';
import { decideFor, placesOfGroups, type Combination, type DueAssignment } from './combinations.js';
import { refreshAttributes } from './device-attributes.js';

/**
 * Puts the chunk's devices, as far as they are still registered, into a table of this session, each with the number of its combination;
 * and decides once for each combination. A hundred thousand devices in twenty groups are some dozen decisions.
 */
export async function stageDueAssignments(
  client: pg.PoolClient,
  key: ChunkKey,
  deviceIds: readonly string[],
): Promise<{ devices: number; due: DueAssignment[] }> {
  await refreshAttributes(client, key.tenantId, deviceIds);
  const rules = await loadAssignmentRules(askOf(client), key.tenantId);
  const places = placesOfGroups(rules.groups, '$1', 3);
  await client.query(`create temporary table if not exists stage_assignment
    (device_id uuid, combination integer, groups integer[], os_family text, device_type text, tpm text) on commit delete rows`);
  const { rowCount } = await client.query(
    `insert into stage_assignment
     select e.device_id, dense_rank() over (order by e.groups, e.os_family, e.device_type, e.tpm),
       e.groups, e.os_family, e.device_type, e.tpm
     from (select f.device_id, ${places.text} as groups, f.os_family, f.device_type, f.tpm
           from registry.device_attributes f where f.tenant_id = $1 and f.device_id = any ($2::uuid[])) as e`,
    [key.tenantId, deviceIds, ...places.values],
  );
  const { rows } = await client.query<Combination>({
    name: 'combinations_of_stage',
    text: 'select distinct on (combination) combination, groups, os_family, device_type, tpm from stage_assignment',
  });
  return { devices: rowCount ?? 0, due: rows.map((combination) => decideFor(combination, rules)) };
}
