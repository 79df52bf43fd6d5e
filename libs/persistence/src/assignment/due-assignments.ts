import { foldVersion } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { loadAssignmentRules } from './assignment-rules.js';
import { decideFor, placesOfGroups, type Combination, type DueAssignment } from './combinations.js';
import { foldAttributes } from './device-attributes.js';

/**
 * Puts the chunk's devices, as far as they are still registered, into a table of this session, each with the number of its combination;
 * and decides once for each combination. A hundred thousand devices in twenty groups are some dozen decisions.
 */
export async function stageDueAssignments(
  client: pg.PoolClient,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<{ devices: number; due: DueAssignment[] }> {
  const rules = await loadAssignmentRules(askOf(client), tenantId);
  const places = placesOfGroups(rules.groups, '$1', 4, 'm.device_id = any ($2::uuid[])');
  await client.query(`create temporary table if not exists stage_assignment
    (device_id uuid, combination bigint, groups integer[], os_family text, device_type text, tpm text) on commit delete rows`);
  const stage = async (): Promise<number> => {
    const { rowCount } = await client.query(
      `insert into stage_assignment
       select e.device_id, hash_array_extended(e.groups, 0) # hash_array_extended(array[e.os_family, e.device_type, e.tpm], 1), e.groups, e.os_family, e.device_type, e.tpm
       from (select f.device_id, ${places.text} as groups, f.os_family, f.device_type, f.tpm
             from registry.device_attributes f ${places.join}
             where f.tenant_id = $1 and f.device_id = any ($2::uuid[]) and f.fold_version = $3 offset 0) as e`,
      [tenantId, deviceIds, foldVersion, ...places.values],
    );
    return rowCount ?? 0;
  };
  let devices = await stage();
  if (devices < deviceIds.length) {
    const { rows: staged } = await client.query<{ device_id: string }>('select device_id from stage_assignment');
    await foldAttributes(
      client,
      tenantId,
      deviceIds,
      staged.map(({ device_id }) => device_id),
    );
    await client.query('truncate stage_assignment');
    devices = await stage();
  }
  const { rows } = await client.query<Combination>({
    name: 'combinations_of_stage',
    text: 'select distinct combination, groups, os_family, device_type, tpm from stage_assignment',
  });
  if (new Set(rows.map(({ combination }) => combination)).size < rows.length)
    throw new Error('two combinations have one number');
  return { devices, due: rows.map((combination) => decideFor(combination, rules)) };
}
