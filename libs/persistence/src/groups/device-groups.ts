import { grammarVersion } from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** A group of devices: its members are named, or follow from its rule. */
export interface DeviceGroup {
  id: string;
  tenantId: string;
  displayName: string;
  description: string | null;
  /** Null where members are named. */
  rule: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** Most groups of a tenant: all their rules are held against every device. */
export const mostGroups = 1_000;

const columns = `id, tenant_id as "tenantId", display_name as "displayName", description, rule, version,
  created_at as "createdAt", updated_at as "updatedAt"`;

export async function listGroups(unit: Unit, tenantId: string, page: Keyset<string>): Promise<Slice<DeviceGroup>> {
  const found = await unit.query<DeviceGroup>(
    `select ${columns} from registry.device_group where tenant_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [tenantId, page.after, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

export async function findGroup(unit: Unit, tenantId: string, id: string): Promise<DeviceGroup | null> {
  const [found] = await unit.query<DeviceGroup>(
    `select ${columns} from registry.device_group where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return found ?? null;
}

/** A group held still, until the transaction ends. */
export async function lockGroup(unit: Unit, tenantId: string, id: string): Promise<DeviceGroup | null> {
  const [found] = await unit.query<DeviceGroup>(
    `select ${columns} from registry.device_group where tenant_id = $1 and id = $2 for update`,
    [tenantId, id],
  );
  return found ?? null;
}

/** Adds a group. Its rule was understood before. @returns `too_many` where the tenant has as many as it may have */
export async function addGroup(
  unit: Unit,
  group: { id: string; tenantId: string; displayName: string; description: string | null; rule: string | null },
): Promise<DeviceGroup | 'too_many'> {
  const [added] = await unit.query<DeviceGroup>(
    `insert into registry.device_group (tenant_id, id, display_name, description, rule, grammar_version)
     select $1, $2, $3, $4, $5, case when $5::text is not null then $6::integer end
     where (select count(*) from registry.device_group where tenant_id = $1) < $7
     returning ${columns}`,
    [group.tenantId, group.id, group.displayName, group.description, group.rule, grammarVersion, mostGroups],
  );
  return added ?? 'too_many';
}

/** Changes a group that is held locked. What is left out stays. */
export async function changeGroup(
  unit: Unit,
  group: DeviceGroup,
  change: { displayName?: string; description?: string | null; rule?: string },
): Promise<DeviceGroup> {
  const { displayName, description, rule } = { ...group, ...change };
  const [changed] = await unit.query<DeviceGroup>(
    `update registry.device_group set display_name = $3, description = $4, rule = $5,
       grammar_version = case when $5::text is not null then $6::integer end, version = version + 1, updated_at = clock_timestamp()
     where tenant_id = $1 and id = $2 returning ${columns}`,
    [group.tenantId, group.id, displayName, description, rule, grammarVersion],
  );
  return changed!;
}

/** What a group is still needed for: profiles that are given to it or withheld from it, and enrolment status pages. */
export interface GroupUse {
  profiles: string[];
  enrollmentStatusPages: string[];
}

/** Removes a group that is held locked, unless something refers to it. @returns what does, or null where it is gone */
export async function removeGroup(unit: Unit, { tenantId, id }: DeviceGroup): Promise<GroupUse | null> {
  const [use] = await unit.query<GroupUse>(
    `select array(select profile_id from registry.profile_assignment where tenant_id = $1 and group_id = $2 order by 1) as profiles,
            array(select esp_id from registry.esp_assignment where tenant_id = $1 and group_id = $2 and kind = 'device_group' order by 1)
              as "enrollmentStatusPages"`,
    [tenantId, id],
  );
  if (use!.profiles.length + use!.enrollmentStatusPages.length > 0) return use!;
  await unit.change('delete from registry.device_group where tenant_id = $1 and id = $2', [tenantId, id]);
  return null;
}
