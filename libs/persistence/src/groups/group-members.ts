import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';
import type { DeviceGroup } from './device-groups.js';

/** A device as a member of a group. */
export interface GroupMember {
  deviceId: string;
  serialNumber: string | null;
  manufacturer: string | null;
  model: string | null;
  groupTag: string | null;
}

/** Names devices as members of a group with named members. @returns those that were added, and those that are nobody's here */
export async function addMembers(
  unit: Unit,
  group: DeviceGroup,
  deviceIds: readonly string[],
  addedBy: string,
): Promise<{ added: string[]; unknown: string[] }> {
  const known = await unit.query<{ id: string }>(
    'select id from registry.device where tenant_id = $1 and id = any ($2::uuid[]) order by id',
    [group.tenantId, deviceIds],
  );
  const ids = new Set(known.map(({ id }) => id));
  const added = await unit.query<{ device_id: string }>(
    `insert into registry.device_group_member (tenant_id, group_id, device_id, added_by)
     select $1, $2, w.id, $4 from unnest($3::uuid[]) as w (id) order by w.id on conflict do nothing returning device_id`,
    [group.tenantId, group.id, [...ids], addedBy],
  );
  return { added: added.map((row) => row.device_id), unknown: deviceIds.filter((id) => !ids.has(id)) };
}

/** Takes devices out of a group with named members. @returns those that were in it */
export async function removeMembers(unit: Unit, group: DeviceGroup, deviceIds: readonly string[]): Promise<string[]> {
  const removed = await unit.query<{ device_id: string }>(
    `delete from registry.device_group_member where tenant_id = $1 and group_id = $2 and device_id = any ($3::uuid[])
     returning device_id`,
    [group.tenantId, group.id, deviceIds],
  );
  return removed.map((row) => row.device_id).sort();
}

/** The members of a group: as they are named, or as the last assignment run found them by the rule. */
export async function listMembers(unit: Unit, group: DeviceGroup, page: Keyset<string>): Promise<Slice<GroupMember>> {
  const members =
    group.rule === null
      ? `registry.device_group_member m join registry.device d on d.tenant_id = m.tenant_id and d.id = m.device_id
         where m.tenant_id = $1 and m.group_id = $2`
      : `registry.device_assignment m join registry.device d on d.tenant_id = m.tenant_id and d.id = m.device_id
         where m.tenant_id = $1 and $2::uuid = any (m.group_ids)`;
  const found = await unit.query<GroupMember>(
    `select d.id as "deviceId", d.serial_number as "serialNumber", d.manufacturer, d.model, d.group_tag as "groupTag"
     from ${members} and ($3::uuid is null or m.device_id > $3) order by m.device_id limit $4`,
    [group.tenantId, group.id, page.after, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}
