import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** Users who see the same Enrollment Status Page. */
export interface UserGroup {
  id: string;
  displayName: string;
  memberIds: string[];
  version: number;
  createdAt: string;
}

const columns = `id, display_name as "displayName", member_ids as "memberIds", version, created_at as "createdAt"`;

export async function listUserGroups(unit: Unit, tenantId: string, page: Keyset<string>): Promise<Slice<UserGroup>> {
  const found = await unit.query<UserGroup>(
    `select ${columns} from registry.user_group where tenant_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [tenantId, page.after, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

export async function findUserGroup(unit: Unit, tenantId: string, id: string): Promise<UserGroup | null> {
  const [found] = await unit.query<UserGroup>(
    `select ${columns} from registry.user_group where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return found ?? null;
}

/** Adds a group. @returns null where its id is taken */
export async function addUserGroup(
  unit: Unit,
  group: { tenantId: string; id: string; displayName: string; memberIds: readonly string[] },
): Promise<UserGroup | null> {
  const added = await unit.change(
    `insert into registry.user_group (tenant_id, id, display_name, member_ids) values ($1, $2, $3, $4) on conflict do nothing`,
    [group.tenantId, group.id, group.displayName, group.memberIds],
  );
  return added === 0 ? null : await findUserGroup(unit, group.tenantId, group.id);
}

/** Changes a group, if it still is the version that the caller saw. @returns null where it is not */
export async function changeUserGroup(
  unit: Unit,
  group: { tenantId: string; id: string; displayName: string; memberIds: readonly string[]; seen: number },
): Promise<UserGroup | null> {
  const changed = await unit.change(
    `update registry.user_group set display_name = $3, member_ids = $4, version = version + 1
     where tenant_id = $1 and id = $2 and version = $5`,
    [group.tenantId, group.id, group.displayName, group.memberIds, group.seen],
  );
  return changed === 0 ? null : await findUserGroup(unit, group.tenantId, group.id);
}

/** Deletes a group to which no page is assigned, if it still is the version that the caller saw. */
export async function deleteUserGroup(
  unit: Unit,
  group: { tenantId: string; id: string; seen: number },
): Promise<'deleted' | 'stale' | 'assigned'> {
  const { tenantId, id, seen } = group;
  const [assigned] = await unit.query(
    `select from registry.esp_assignment where tenant_id = $1 and group_id = $2 and kind = 'user_group' limit 1`,
    [tenantId, id],
  );
  if (assigned !== undefined) return 'assigned';
  const deleted = await unit.change(
    'delete from registry.user_group where tenant_id = $1 and id = $2 and version = $3',
    [tenantId, id, seen],
  );
  return deleted === 0 ? 'stale' : 'deleted';
}

/** Which of these users there are not. */
export async function unknownUsers(unit: Unit, tenantId: string, userIds: readonly string[]): Promise<string[]> {
  const missing = await unit.query<{ id: string }>(
    `select w.id from unnest($2::uuid[]) as w (id)
     where not exists (select from registry.tenant_user u where u.tenant_id = $1 and u.id = w.id)`,
    [tenantId, userIds],
  );
  return missing.map(({ id }) => id);
}

/** Which of these groups of users there are not. */
export async function unknownUserGroups(unit: Unit, tenantId: string, ids: readonly string[]): Promise<string[]> {
  const missing = await unit.query<{ id: string }>(
    `select w.id from unnest($2::uuid[]) as w (id)
     where not exists (select from registry.user_group g where g.tenant_id = $1 and g.id = w.id)`,
    [tenantId, ids],
  );
  return missing.map(({ id }) => id);
}

/** The groups that a user is a member of. */
export async function groupsOfUser(unit: Unit, tenantId: string, userId: string): Promise<string[]> {
  const found = await unit.query<{ id: string }>(
    'select id from registry.user_group where tenant_id = $1 and member_ids @> array[$2::uuid]',
    [tenantId, userId],
  );
  return found.map(({ id }) => id);
}
