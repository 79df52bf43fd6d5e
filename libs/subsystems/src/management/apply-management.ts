import type pg from 'pg';
import { forgetManagement, leaveDirectory, stopSyncingComputers, syncComputers } from '../directory/membership.js';
import { inTransaction } from '../in-transaction.js';
import { noteWhatReappears } from '../misbehaviour/reappearing.js';
import {
  closeRequest,
  lockDueRequests,
  type AcceptedRequest,
  type ApplyOptions,
} from '../requests/accepted-requests.js';
import type { RequestResult } from '../requests/request-observation.js';
import type { ManagementAct } from './built-in-management.js';
import { applySync } from './sync.js';

/**
 * Works through what was accepted, oldest first. Safe to run in several processes.
 *
 * @param options its delay is how long a removal can be taken back
 * @returns how many requests were applied; 0 when there was nothing to do
 */
export async function applyManagementRequests(
  pool: pg.Pool,
  limit: number,
  options: ApplyOptions = {},
): Promise<number> {
  return inTransaction(pool, async (client) => {
    const due = await lockDueRequests(client, 'management', limit, options);
    for (const request of due) {
      if (options.mayMisbehave === true && request.act === 'retire')
        await noteWhatReappears(
          client,
          'management',
          'retire',
          request.tenantId,
          'management.managed_device',
          'd.retire_key = $1',
          [request.key],
        );
      const results = await acts[request.act as ManagementAct](client, request);
      await closeRequest(client, 'management', request.key, results);
    }
    return due.length;
  });
}

type Act = (client: pg.PoolClient, request: AcceptedRequest) => Promise<RequestResult[]>;

const acts: Record<ManagementAct, Act> = {
  async retire(client, { key, tenantId, targets }) {
    const { rows } = await client.query<{ target: string; outcome: string; directory_object_id: string | null }>({
      name: 'management_apply_retire',
      text: `with asked as (select distinct unnest($3::uuid[]) as id),
             gone as (
               delete from management.managed_device d using asked
               where d.tenant_id = $2 and d.id = asked.id and d.retire_key = $1 returning d.id, d.directory_object_id),
             forgotten as (
               delete from management.device_hash h using gone where h.tenant_id = $2 and h.managed_device_id = gone.id)
             select a.id as target, gone.directory_object_id,
                    case when gone.id is not null then 'done' when d.id is null then 'already_absent' else 'restored' end as outcome
             from asked a left join gone using (id)
             left join management.managed_device d on d.tenant_id = $2 and d.id = a.id`,
      values: [key, tenantId, targets],
    });
    const objects = rows.flatMap((row) => (row.directory_object_id === null ? [] : [row.directory_object_id]));
    if (objects.length > 0) await leaveDirectory(client, tenantId, objects);
    return rows.map(({ target, outcome }) => ({ target, outcome }));
  },

  // Took effect when it was accepted.
  restore: async () => [],

  assign_users: (client, { tenantId, targets }) =>
    results(
      client,
      'assign_users',
      `insert into management.assigned_user (tenant_id, registration_id, user_id, principal_name)
       select distinct on (o."registrationId") $1::uuid, o."registrationId", o."userId", o."principalName"
       from jsonb_to_recordset($2) as o ("registrationId" uuid, "userId" uuid, "principalName" text)
       on conflict (tenant_id, registration_id) do update
         set user_id = excluded.user_id, principal_name = excluded.principal_name
       returning registration_id as target, 'done' as outcome`,
      [tenantId, JSON.stringify(targets)],
    ),

  unassign_users: (client, { tenantId, targets }) =>
    results(
      client,
      'unassign_users',
      `with asked as (select distinct unnest($2::uuid[]) as id),
       gone as (delete from management.assigned_user u using asked
         where u.tenant_id = $1 and u.registration_id = asked.id returning u.registration_id as id)
       select a.id as target, case when gone.id is null then 'already_absent' else 'done' end as outcome
       from asked a left join gone using (id)`,
      [tenantId, targets],
    ),

  request_hashes: (client, { tenantId, targets }) =>
    results(
      client,
      'request_hashes',
      `with asked as (select distinct unnest($2::uuid[]) as id),
       judged as (
         select a.id, case when d.id is null then 'no_such_device' when d.os_family <> 'windows' then 'unsupported'
                           when d.ownership = 'personal' then 'personal' when h.hash is null then 'no_answer' else 'done' end as outcome
         from asked a
         left join management.managed_device d on d.tenant_id = $1 and d.id = a.id
         left join management.device_hash h on h.tenant_id = $1 and h.managed_device_id = a.id),
       reported as (
         update management.device_hash h set reported_at = clock_timestamp() from judged j
         where h.tenant_id = $1 and h.managed_device_id = j.id and j.outcome = 'done'),
       seen as (
         update management.managed_device d set last_check_in_at = clock_timestamp() from judged j
         where d.tenant_id = $1 and d.id = j.id and j.outcome = 'done')
       select id as target, outcome from judged`,
      [tenantId, targets],
    ),

  async remove_computers(client, { tenantId, targets }) {
    await stopSyncingComputers(client, tenantId, targets as string[]);
    return results(
      client,
      'remove_computers',
      `with asked as (select distinct unnest($2::uuid[]) as id),
       gone as (update management.on_premises_computer c set removed_at = clock_timestamp() from asked
         where c.tenant_id = $1 and c.directory_object_id = asked.id and c.removed_at is null
         returning c.directory_object_id as id)
       select a.id as target, case when gone.id is null then 'already_absent' else 'done' end as outcome
       from asked a left join gone using (id)`,
      [tenantId, targets],
    );
  },

  async disown(client, { tenantId, targets }) {
    const { rows } = await client.query<{ id: string; enrolled: boolean }>({
      name: 'management_apply_disown',
      text: `select a.id, exists (select from management.managed_device d where d.tenant_id = $1 and d.directory_object_id = a.id) as enrolled
             from (select distinct unnest($2::uuid[]) as id) as a`,
      values: [tenantId, targets],
    });
    const unknown = rows.filter(({ enrolled }) => !enrolled).map(({ id }) => id);
    const forgotten = new Set(await forgetManagement(client, tenantId, unknown));
    return rows.map(({ id, enrolled }) => ({
      target: id,
      outcome: enrolled ? 'enrolled' : forgotten.has(id) ? 'done' : 'already_absent',
    }));
  },

  async restore_computers(client, { tenantId, targets }) {
    const { rows } = await client.query<{ target: string; outcome: string; name: string | null }>({
      name: 'management_apply_restore_computers',
      text: `with asked as (select distinct unnest($2::uuid[]) as id),
             back as (update management.on_premises_computer c set removed_at = null from asked
               where c.tenant_id = $1 and c.directory_object_id = asked.id returning c.directory_object_id as id, c.name)
             select a.id as target, back.name, case when back.id is null then 'already_absent' else 'done' end as outcome
             from asked a left join back using (id)`,
      values: [tenantId, targets],
    });
    const back = rows.flatMap(({ target, name }) => (name === null ? [] : [{ objectId: target, name }]));
    if (back.length > 0) await syncComputers(client, tenantId, back);
    return rows.map(({ target, outcome }) => ({ target, outcome }));
  },

  async sync(client, { tenantId }) {
    await applySync(client, tenantId);
    return [];
  },
};

async function results(client: pg.PoolClient, name: string, text: string, values: unknown[]): Promise<RequestResult[]> {
  return (await client.query<RequestResult>({ name: `management_apply_${name}`, text, values })).rows;
}
