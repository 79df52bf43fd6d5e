import { foldText, ruleForGroupTag, type AssignmentState, type OsFamily } from '@groundcrew/domain';
import { believed, joinDeviceFacts } from '../profiles/platform-sql.js';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** A group tag that devices of the school have, or that a group was made for. */
export interface SchoolGroup {
  groupTag: string;
  devices: number;
  groupId: string | null;
  displayName: string | null;
}

/** The group tags of a tenant's devices, each with the group that was made for it. */
export async function listSchoolGroups(
  unit: Unit,
  tenantId: string,
  page: Keyset<string>,
): Promise<Slice<SchoolGroup>> {
  const tags = await unit.query<{ groupTag: string; devices: number }>(
    `select group_tag as "groupTag", count(*)::int as devices from registry.device
     where tenant_id = $1 and group_tag is not null and ($2::text is null or group_tag > $2)
     group by group_tag order by group_tag limit $3`,
    [tenantId, page.after, page.limit + 1],
  );
  const groupOf = await groupsByRule(unit, tenantId);
  const found = tags.map((tag) => {
    const group = groupOf.get(foldText(ruleForGroupTag(tag.groupTag)));
    return { ...tag, groupId: group?.id ?? null, displayName: group?.displayName ?? null };
  });
  return sliceOf(found, page.limit);
}

/** The group that was made for a tag; null where none was. */
export async function findGroupOfTag(unit: Unit, tenantId: string, groupTag: string): Promise<string | null> {
  return (await groupsByRule(unit, tenantId)).get(foldText(ruleForGroupTag(groupTag)))?.id ?? null;
}

/** How many registered devices have exactly this tag. */
export async function countDevicesOfTag(unit: Unit, tenantId: string, groupTag: string): Promise<number> {
  const [count] = await unit.query<{ devices: number }>(
    'select count(*)::int as devices from registry.device where tenant_id = $1 and group_tag = $2',
    [tenantId, groupTag],
  );
  return count!.devices;
}

/** Rules are compared as they compare devices: case says nothing. */
async function groupsByRule(unit: Unit, tenantId: string): Promise<Map<string, { id: string; displayName: string }>> {
  const groups = await unit.query<{ id: string; displayName: string; rule: string }>(
    `select id, display_name as "displayName", rule from registry.device_group where tenant_id = $1 and rule is not null
     order by created_at desc, id`,
    [tenantId],
  );
  return new Map(groups.map(({ rule, ...group }) => [foldText(rule), group]));
}

/** Holds the school's groups still, so that a tag gets one. */
export async function lockSchoolGroups(unit: Unit, tenantId: string): Promise<void> {
  await unit.query(`select pg_advisory_xact_lock(hashtextextended('school groups ' || $1, 0))`, [tenantId]);
}

/** Members of a group that agree in everything that decides what reaches them. */
export interface AlikeMembers {
  devices: number;
  profileId: string | null;
  state: AssignmentState;
  groupIds: string[];
  osFamily: OsFamily | null;
}

/** The members of a group as of their last evaluation, those that are alike together. */
export async function countAlikeMembers(unit: Unit, tenantId: string, groupId: string): Promise<AlikeMembers[]> {
  return await unit.query(
    `select count(*)::int as devices, a.profile_id as "profileId", coalesce(a.remediation, a.state) as state,
       a.group_ids as "groupIds", ${believed.osFamily} as "osFamily"
     from registry.device_assignment a
     join registry.device d on d.tenant_id = a.tenant_id and d.id = a.device_id ${joinDeviceFacts}
     where a.tenant_id = $1 and a.group_ids @> array[$2::uuid]
     group by a.profile_id, coalesce(a.remediation, a.state), a.group_ids, ${believed.osFamily}
     order by devices desc`,
    [tenantId, groupId],
  );
}
