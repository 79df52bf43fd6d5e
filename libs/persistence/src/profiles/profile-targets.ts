import type { ProfileTargets } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

interface TargetRow {
  target: 'group' | 'all_devices';
  intent: 'include' | 'exclude';
  groupId: string | null;
}

/** To whom a profile is given. */
export async function findTargets(unit: Unit, tenantId: string, profileId: string): Promise<ProfileTargets> {
  const rows = await unit.query<TargetRow>(
    `select target, intent, group_id as "groupId" from registry.profile_assignment
     where tenant_id = $1 and profile_id = $2 order by group_id`,
    [tenantId, profileId],
  );
  const groups = (intent: TargetRow['intent']) =>
    rows.flatMap((row) => (row.intent === intent && row.groupId !== null ? [row.groupId] : []));
  return {
    includedGroups: groups('include'),
    excludedGroups: groups('exclude'),
    allDevices: rows.some((row) => row.target === 'all_devices'),
  };
}

/** Gives a profile that the caller holds locked to these, and to nobody else. @returns its version of targets */
export async function replaceTargets(
  unit: Unit,
  tenantId: string,
  profileId: string,
  targets: ProfileTargets,
): Promise<number> {
  await unit.change('delete from registry.profile_assignment where tenant_id = $1 and profile_id = $2', [
    tenantId,
    profileId,
  ]);
  const { includedGroups, excludedGroups, allDevices } = targets;
  await unit.change(
    `insert into registry.profile_assignment (tenant_id, profile_id, target, intent, group_id)
     select $1::uuid, $2::uuid, 'group', 'include', g from unnest($3::uuid[]) as g
     union all select $1, $2, 'group', 'exclude', g from unnest($4::uuid[]) as g
     union all select $1, $2, 'all_devices', 'include', null where $5::boolean`,
    [tenantId, profileId, includedGroups, excludedGroups, allDevices],
  );
  const [changed] = await unit.query<{ version: number }>(
    `update registry.profile set targets_version = targets_version + 1 where tenant_id = $1 and id = $2
     returning targets_version as version`,
    [tenantId, profileId],
  );
  return changed!.version;
}

/** Which of these groups there are not. */
export async function unknownGroups(unit: Unit, tenantId: string, groupIds: readonly string[]): Promise<string[]> {
  const missing = await unit.query<{ id: string }>(
    `select w.id from unnest($2::uuid[]) as w (id)
     where not exists (select from registry.device_group g where g.tenant_id = $1 and g.id = w.id)`,
    [tenantId, groupIds],
  );
  return missing.map(({ id }) => id);
}

/** The profiles that include these groups, group by group. */
export async function profilesOfGroups(
  unit: Unit,
  tenantId: string,
  groupIds: readonly string[],
): Promise<{ groupId: string; profileId: string }[]> {
  return await unit.query(
    `select group_id as "groupId", profile_id as "profileId" from registry.profile_assignment
     where tenant_id = $1 and group_id = any ($2::uuid[]) and intent = 'include' order by group_id, profile_id`,
    [tenantId, groupIds],
  );
}
