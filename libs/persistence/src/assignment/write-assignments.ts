import type pg from 'pg';
import type { ChunkKey } from '../registration/open-chunk.js';
import type { DueAssignment } from './combinations.js';
import type { DeviceList } from './fenced-chunk.js';
import { devicesIn, type ProfileCount } from './profile-counts.js';

/** What is due, as rows; `stage_assignment` says which device is due which. */
const wanted = `(select u.combination, u.state, u.profile_id, u.profile_version, u.source, u.via_group_id, u.detail,
    u.group_ids::uuid[] as group_ids from unnest($4::bigint[], $5::text[], $6::uuid[], $7::integer[], $8::text[], $9::uuid[], $10::text[], $11::text[])
    as u (combination, state, profile_id, profile_version, source, via_group_id, detail, group_ids) offset 0) as w`;

const presentAssignment =
  'row(a.state, a.profile_id, a.profile_version, a.source, a.via_group_id, a.detail, a.assigned_at, a.run_id)::registry.former_assignment';

/**
 * Writes what the staged devices are due, beside what each had. Only what differs is written: a device whose profile stays keeps its
 * date. A chunk that is written again keeps what the device had before the run.
 *
 * @returns how many devices now have what this run decided, by profile: those that had nothing before, and those that had something else
 */
export async function writeAssignments(
  client: pg.PoolClient,
  key: ChunkKey,
  chunk: { deviceIds: DeviceList; staged: number },
  due: readonly DueAssignment[],
): Promise<{ first: ProfileCount[]; changed: ProfileCount[] }> {
  const values = [key.tenantId, key.runId, chunk.deviceIds, ...columnsOf(due)];
  const changed = await client.query<ProfileCount>({
    text: `with moved as (
             update registry.device_assignment a
             set state = w.state, profile_id = w.profile_id, profile_version = w.profile_version, source = w.source,
                 via_group_id = w.via_group_id, detail = w.detail, group_ids = w.group_ids, assigned_at = null,
                 kept_run_id = null, put_back_run_id = null,
                 former = case when a.run_id = $2 then a.former else ${presentAssignment} end, run_id = $2
             from stage_assignment s join ${wanted} on w.combination = s.combination
             where a.tenant_id = $1 and a.device_id = s.device_id and a.device_id = any ($3::uuid[])
               and ((a.profile_id, a.profile_version, a.detail) is distinct from (w.profile_id, w.profile_version, w.detail) or a.run_id = $2)
             returning a.state, a.profile_id, a.profile_version)
           select state, profile_id as "profileId", profile_version as "profileVersion", count(*)::integer as devices
           from moved group by 1, 2, 3`,
    values,
  });
  // Where every device was moved there is nobody left who only changed groups, or who had no row.
  if (devicesIn(changed.rows) === chunk.staged) return { first: [], changed: changed.rows };
  await client.query({
    text: `update registry.device_assignment a
           set source = w.source, via_group_id = w.via_group_id, group_ids = w.group_ids
           from stage_assignment s join ${wanted} on w.combination = s.combination
           where a.tenant_id = $1 and a.device_id = s.device_id and a.device_id = any ($3::uuid[]) and a.run_id is distinct from $2
             and (a.source, a.via_group_id, a.group_ids) is distinct from (w.source, w.via_group_id, w.group_ids)`,
    values,
  });
  const first = (await lackingRows(client, key, chunk.deviceIds)) ? await insertFirst(client, values) : [];
  return { first, changed: changed.rows };
}

/** Whether a staged device has no row yet. Asked first: looking for what is missing costs more than counting what is there. */
async function lackingRows(client: pg.PoolClient, key: ChunkKey, deviceIds: DeviceList): Promise<boolean> {
  const { rows } = await client.query<{ lacking: boolean }>({
    text: `select (select count(*) from stage_assignment) >
             (select count(*) from registry.device_assignment a where a.tenant_id = $1 and a.device_id = any ($2::uuid[])) as lacking`,
    values: [key.tenantId, deviceIds],
  });
  return rows[0]!.lacking;
}

async function insertFirst(client: pg.PoolClient, values: unknown[]): Promise<ProfileCount[]> {
  const { rows } = await client.query<ProfileCount>({
    // The device's row is held: whoever takes the device out waits, or was faster and nothing is written for it.
    text: `with fresh as (
             select d.id, s.combination from stage_assignment s
             join registry.device d on d.tenant_id = $1 and d.id = s.device_id
             where d.id = any ($3::uuid[]) for key share of d),
           added as (
             insert into registry.device_assignment
               (tenant_id, device_id, state, profile_id, profile_version, source, via_group_id, detail, group_ids, run_id)
             select $1, f.id, w.state, w.profile_id, w.profile_version, w.source, w.via_group_id, w.detail, w.group_ids, $2
             from fresh f join ${wanted} on w.combination = f.combination
             on conflict (tenant_id, device_id) do nothing
             returning state, profile_id, profile_version)
           select state, profile_id as "profileId", profile_version as "profileVersion", count(*)::integer as devices
           from added group by 1, 2, 3`,
    values,
  });
  return rows;
}

function columnsOf(due: readonly DueAssignment[]): unknown[] {
  return [
    due.map(({ combination }) => combination),
    due.map(({ state }) => state),
    due.map(({ profileId }) => profileId),
    due.map(({ profileVersion }) => profileVersion),
    due.map(({ source }) => source),
    due.map(({ viaGroupId }) => viaGroupId),
    due.map(({ detail }) => detail),
    due.map(({ groupIds }) => `{${groupIds.join(',')}}`),
  ];
}
