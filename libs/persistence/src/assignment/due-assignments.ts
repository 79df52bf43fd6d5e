import { foldVersion } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { loadAssignmentRules, type AssignmentRules } from './assignment-rules.js';
import { decideFor, placesOfGroups, type Combination, type DueAssignment } from './combinations.js';
import { foldAttributes } from './device-attributes.js';
import type { DeviceList, FencedChunk } from './fenced-chunk.js';

/**
 * Puts the chunk's devices, as far as they are still registered, into a table of this session, each with the number of its combination;
 * and decides once for each combination. A hundred thousand devices in twenty groups are some dozen decisions.
 */
export async function stageDueAssignments(
  client: pg.PoolClient,
  tenantId: string,
  chunk: Pick<FencedChunk, 'deviceIds' | 'devices'>,
): Promise<{ devices: number; due: DueAssignment[] }> {
  const rules = await loadAssignmentRules(askOf(client), tenantId);
  await client.query(
    'create temporary table if not exists stage_assignment (device_id uuid, combination bigint) on commit delete rows',
  );
  let staged = await stage(client, tenantId, chunk.deviceIds, rules);
  if (devicesOf(staged) < chunk.devices) {
    const { rows } = await client.query<{ device_id: string }>('select device_id from stage_assignment');
    const folded = rows.map(({ device_id }) => device_id);
    await foldAttributes(client, tenantId, chunk.deviceIds, folded);
    await client.query('truncate stage_assignment');
    staged = await stage(client, tenantId, chunk.deviceIds, rules);
  }
  if (new Set(staged.map(({ combination }) => combination)).size < staged.length)
    throw new Error('two combinations have one number');
  return { devices: devicesOf(staged), due: staged.map((combination) => decideFor(combination, rules)) };
}

type StagedCombination = Combination & { devices: number };

function devicesOf(staged: readonly StagedCombination[]): number {
  return staged.reduce((sum, { devices }) => sum + devices, 0);
}

/** One statement holds every device against every rule, writes down which combination it is of, and tells which there are. */
async function stage(
  client: pg.PoolClient,
  tenantId: string,
  deviceIds: DeviceList,
  rules: AssignmentRules,
): Promise<StagedCombination[]> {
  const places = placesOfGroups(rules.groups, '$1', 4, 'm.device_id = any ($2::uuid[])');
  const { rows } = await client.query<StagedCombination>(
    `with evaluated as materialized (
       select e.*, hash_array_extended(e.groups, 0) # hash_array_extended(array[e.os_family, e.device_type, e.tpm], 1) as combination
       from (select f.device_id, ${places.text} as groups, f.os_family, f.device_type, f.tpm
             from registry.device_attributes f ${places.join}
             where f.tenant_id = $1 and f.device_id = any ($2::uuid[]) and f.fold_version = $3 offset 0) as e),
     staged as (insert into stage_assignment select device_id, combination from evaluated)
     select combination, groups, os_family, device_type, tpm, count(*)::integer as devices from evaluated
     group by combination, groups, os_family, device_type, tpm`,
    [tenantId, deviceIds, foldVersion, ...places.values],
  );
  return rows;
}
