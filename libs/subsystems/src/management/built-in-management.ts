import type pg from 'pg';
import { inTransaction } from '../in-transaction.js';
import { toPage } from '../page.js';
import { acceptRequest, channelOf, observeRequest } from '../requests/accepted-requests.js';
import type { ManagementPort } from './management.port.js';
import { managedDeviceColumns, toCondition, toManagedDevice, type ManagedDeviceRow } from './managed-device-rows.js';
import { acceptSync, readSync } from './sync.js';

export const managementChannel = channelOf('management');

/** What management can be asked for, and which acts do not commute. */
export const managementActs = {
  retire: 'enrolment',
  restore: 'enrolment',
  disown: 'enrolment',
  assign_users: 'user',
  unassign_users: 'user',
  request_hashes: 'hash',
  remove_computers: 'computer',
  restore_computers: 'computer',
  sync: 'sync',
} as const;
export type ManagementAct = keyof typeof managementActs;

export interface ManagementOptions {
  /** From the start of one sync to the next, in milliseconds. The modelled service takes one per ten minutes. Source: domain.md 9. */
  syncIntervalMs: number;
}

/** The built-in management as its callers see it: it accepts now; `applyManagementRequests` works later, in another process. */
export function createBuiltInManagement(pool: pg.Pool, options: ManagementOptions): ManagementPort {
  const accept = async (act: ManagementAct, key: string, tenantId: string, targets: readonly unknown[]) => {
    await acceptRequest(pool, 'management', { key, tenantId, act, family: managementActs[act], targets: [...targets] });
  };
  const query = async <Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>({ name: `management_${name}`, text, values })).rows;

  return {
    // Both mark the devices and take the request at once, so that a removal and its taking back never miss each other.
    retire: (key, tenantId, managedDeviceIds) =>
      inTransaction(pool, async (client) => {
        const request = { key, tenantId, act: 'retire', family: managementActs.retire, targets: [...managedDeviceIds] };
        if (!(await acceptRequest(client, 'management', request))) return;
        await client.query({
          name: 'management_retire_pending',
          text: 'update management.managed_device set retire_key = $1 where tenant_id = $2 and id = any ($3::uuid[])',
          values: [key, tenantId, managedDeviceIds],
        });
      }),

    restore: (key, tenantId, managedDeviceIds) =>
      inTransaction(pool, async (client) => {
        const request = { key, tenantId, act: 'restore', family: managementActs.restore, targets: [] };
        if (!(await acceptRequest(client, 'management', request))) return;
        await client.query({ name: 'management_restore', text: restoreSql, values: [key, tenantId, managedDeviceIds] });
      }),

    assignUsers: (key, tenantId, assignments) => accept('assign_users', key, tenantId, assignments),
    unassignUsers: (key, tenantId, registrationIds) => accept('unassign_users', key, tenantId, registrationIds),
    // A setting: said twice it is what it was.
    setOwnership: async (_key, tenantId, ownership) => {
      await query('set_ownership', setOwnershipSql, [tenantId, ownership]);
    },
    requestHashes: (key, tenantId, managedDeviceIds) => accept('request_hashes', key, tenantId, managedDeviceIds),
    removeComputers: (key, tenantId, objectIds) => accept('remove_computers', key, tenantId, objectIds),
    disown: (key, tenantId, objectIds) => accept('disown', key, tenantId, objectIds),
    restoreComputers: (key, tenantId, objectIds) => accept('restore_computers', key, tenantId, objectIds),

    observe: (key, tenantId) => observeRequest(pool, 'management', key, tenantId),

    async read(tenantId, selector) {
      const { name, where, values } = toCondition(selector);
      const rows = await query<ManagedDeviceRow>(
        `by_${name}`,
        `select ${managedDeviceColumns} from management.managed_device where tenant_id = $1 and ${where}`,
        [tenantId, values],
      );
      return rows.map(toManagedDevice);
    },

    async list(tenantId, { after, limit }) {
      const rows = await query<ManagedDeviceRow>(
        'list',
        `select ${managedDeviceColumns} from management.managed_device
         where tenant_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
        [tenantId, after ?? null, limit + 1],
      );
      return toPage(rows.map(toManagedDevice), limit, (device) => device.managedDeviceId);
    },

    readAssignedUsers: (tenantId, registrationIds) =>
      query(
        'assigned_users',
        `select registration_id as "registrationId", user_id as "userId", principal_name as "principalName"
         from management.assigned_user where tenant_id = $1 and registration_id = any ($2::uuid[])`,
        [tenantId, registrationIds],
      ),

    readUsers: (tenantId, userIds) =>
      query(
        'users',
        `select id as "userId", principal_name as "principalName", licences
         from management.managed_user where tenant_id = $1 and id = any ($2::uuid[])`,
        [tenantId, userIds],
      ),

    readHashes: (tenantId, managedDeviceIds) =>
      query(
        'hashes',
        `select managed_device_id as "managedDeviceId", translate(encode(hash, 'base64'), E'\\n', '') as "hardwareHash"
         from management.device_hash
         where tenant_id = $1 and managed_device_id = any ($2::uuid[]) and reported_at is not null`,
        [tenantId, managedDeviceIds],
      ),

    readComputers: (tenantId, objectIds) =>
      query(
        'computers',
        `select directory_object_id as "directoryObjectId", name, removed_at is not null as removed
         from management.on_premises_computer where tenant_id = $1 and directory_object_id = any ($2::uuid[])`,
        [tenantId, objectIds],
      ),

    sync: (key, tenantId) => acceptSync(pool, key, tenantId, options.syncIntervalMs),
    readSync: (tenantId) => readSync(pool, tenantId),

    async readRegistered(tenantId, registrationIds) {
      const rows = await query<{ registration_id: string }>(
        'registered',
        'select registration_id from management.registered_device where tenant_id = $1 and registration_id = any ($2::uuid[])',
        [tenantId, registrationIds],
      );
      return rows.map((row) => row.registration_id);
    },
  };
}

const setOwnershipSql = `
  with said as (
    insert into management.tenant_ownership as t (tenant_id, ownership) values ($1, $2)
    on conflict (tenant_id) do update set ownership = excluded.ownership where t.ownership <> excluded.ownership
    returning ownership)
  update management.managed_device d set ownership = said.ownership from said where d.tenant_id = $1 and d.ownership <> 'personal'`;

/** Waits for a removal that is being applied, and then finds it done. */
const restoreSql = `
  with asked as (select unnest($3::uuid[]) as id),
  found as (
    select d.id, d.retire_key from management.managed_device d
    where d.tenant_id = $2 and d.id = any ($3::uuid[]) order by d.id for update),
  restored as (
    update management.managed_device d set retire_key = null
    from found where d.tenant_id = $2 and d.id = found.id and found.retire_key is not null)
  update management.request
  set applied_at = clock_timestamp(),
      results = (select coalesce(jsonb_agg(jsonb_build_object('target', a.id, 'outcome',
        case when f.id is null then 'too_late' when f.retire_key is null then 'not_pending' else 'done' end)), '[]')
        from asked a left join found f using (id))
  where key = $1`;
