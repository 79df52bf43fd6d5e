import type pg from 'pg';
import { inTransaction } from '../in-transaction.js';
import type { DirectoryAct } from './built-in-directory.js';
import { isUnused } from './membership.js';
import { withoutStuck } from '../misbehaviour/never-finishing.js';
import { noteWhatReappears } from '../misbehaviour/reappearing.js';
import type { ApplyOptions } from '../requests/accepted-requests.js';

/**
 * Works through what was accepted, oldest first. Safe to run in several processes: each request is locked while it is applied,
 * and applying it is one transaction. Acts of a tenant that do not commute wait for each other.
 *
 * @returns how many requests were applied; 0 when there was nothing to do
 */
export async function applyDirectoryRequests(
  pool: pg.Pool,
  limit: number,
  { delayMs = 0, mayMisbehave = false }: ApplyOptions = {},
): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows: due } = await client.query<{ key: string; act: DirectoryAct; tenantId: string }>({
      name: 'directory_due',
      text: `select r.key, r.act, r.tenant_id as "tenantId" from directory.request r
             where r.applied_at is null and not r.stuck and r.accepted_at <= clock_timestamp() - $2 * interval '1 millisecond'
               and not exists (select from directory.request e
                 where e.tenant_id = r.tenant_id and e.applied_at is null and not e.stuck and e.position < r.position
                   and (e.act <> r.act or r.act = 'tag'))
             order by r.position limit $1 for update of r skip locked`,
      values: [limit, delayMs],
    });
    const rows = mayMisbehave ? await withoutStuck(client, 'directory', due) : due;
    for (const act of Object.keys(statements) as DirectoryAct[]) {
      const keys = rows.filter((row) => row.act === act).map((row) => row.key);
      if (keys.length === 0) continue;
      if (mayMisbehave && act === 'release')
        for (const { key, tenantId } of rows.filter((row) => row.act === act))
          await noteWhatReappears(client, 'directory', act, tenantId, 'directory.device_object', releasedObjects, [
            [key],
          ]);
      for (const [index, text] of statements[act].entries())
        await client.query({ name: `directory_${act}_${index}`, text, values: [keys] });
    }
    return due.length;
  });
}

/** The tags that a registration writes, and takes away again; whatever else an object carries is not ours. Source: domain.md 4. */
const ownTag = String.raw`'^\[(ZTDID|OrderId|PurchaseOrderId)\]:'`;

/** Without this an applied request would keep what was asked for; the key stays, so that a repetition is known. */
const close = (refused: string) => `
  update directory.request q
  set applied_at = clock_timestamp(), objects = '[]',
      refusals = coalesce((select jsonb_agg(jsonb_build_object('registrationId', r.registration_id, 'reason', r.reason))
        from ${refused} r where r.key = q.key), '[]')
  from due where q.key = due.key`;

const released = `directory.request due cross join lateral jsonb_to_recordset(due.objects) as o ("registrationId" uuid)`;

/** Read once: beside each object the request would be taken apart anew. */
const gone = `with gone as materialized (
  select due.tenant_id, o."registrationId" as id from ${released} where due.key = any ($1))`;

const releasedObjects = `exists (select from ${released}
  where due.key = any ($1) and d.registration_id = o."registrationId" and d.tenant_id = due.tenant_id)`;

/** An object that stayed after its registration was released is nobody's once the registration is written onto another one. */
const letGo = `
  update directory.device_object d set registration_id = null, released_at = null
  from directory.request due cross join lateral jsonb_to_recordset(due.objects) as o ("registrationId" uuid, "objectId" uuid)
  where due.key = any ($1) and d.tenant_id = due.tenant_id and d.released_at is not null
    and d.registration_id = o."registrationId" and d.id <> o."objectId"`;

/** What an act does, in its order: a later statement sees what others did while an earlier one waited for their locks. */
const statements: Record<DirectoryAct, string[]> = {
  pre_create: [
    `
    with due as (select key, tenant_id, objects from directory.request where key = any ($1)),
    wanted as (
      select due.key, due.tenant_id, o."registrationId" as registration_id, o."displayName" as display_name,
             o."physicalIds" as physical_ids
      from due cross join lateral jsonb_to_recordset(due.objects)
        as o ("registrationId" uuid, "displayName" text, "physicalIds" text[])),
    refused as (
      select w.key, w.registration_id, 'already_joined' as reason from wanted w
      where exists (select 1 from directory.device_object d
        where d.tenant_id = w.tenant_id and d.display_name = w.display_name and d.trust_type is not null
          and d.registration_id is distinct from w.registration_id)),
    revived as (
      update directory.device_object d
      set released_at = null,
          physical_ids = array(select i from unnest(d.physical_ids) i where i !~* ${ownTag}) || w.physical_ids
      from wanted w
      where d.registration_id = w.registration_id and d.tenant_id = w.tenant_id and d.released_at is not null),
    created as (
      insert into directory.device_object (tenant_id, registration_id, display_name, physical_ids)
      select w.tenant_id, w.registration_id, w.display_name, w.physical_ids from wanted w
      where not exists (select 1 from refused r where r.registration_id = w.registration_id)
      on conflict (registration_id) do nothing)
    ${close('refused')}`,
  ],

  tag: [
    letGo,
    `
    with due as (select key, tenant_id, objects from directory.request where key = any ($1)),
    asked as (
      select due.key, o."registrationId" as registration_id, o."physicalIds" as physical_ids, d.id as object_id, d.tenant_id,
             case when d.id is null then 'no_such_object'
                  when d.registration_id <> o."registrationId" and d.released_at is null then 'tagged_for_another'
                  when exists (select from directory.device_object other where other.registration_id = o."registrationId"
                    and other.id <> d.id) then 'has_another_object'
             end as reason,
             row_number() over (partition by d.id order by o."registrationId") as of_object,
             row_number() over (partition by o."registrationId" order by d.id) as of_registration
      from due cross join lateral jsonb_to_recordset(due.objects)
        as o ("registrationId" uuid, "objectId" uuid, "physicalIds" text[])
      left join directory.device_object d on d.id = o."objectId" and d.tenant_id = due.tenant_id),
    wanted as (
      select key, registration_id, physical_ids, object_id, tenant_id,
             coalesce(reason, case when of_object > 1 then 'tagged_for_another' when of_registration > 1 then 'has_another_object' end)
               as reason
      from asked),
    tagged as (
      update directory.device_object d
      set registration_id = w.registration_id, released_at = null,
          physical_ids = array(select i from unnest(d.physical_ids) i where i !~* ${ownTag}) || w.physical_ids
      from wanted w where w.object_id = d.id and w.reason is null),
    -- Management knows from then on through which registration it has the device.
    linked as (
      update management.managed_device m set registration_id = w.registration_id
      from wanted w where m.tenant_id = w.tenant_id and m.directory_object_id = w.object_id and w.reason is null)
    ${close('(select * from wanted where reason is not null)')}`,
  ],

  release: [
    `
    ${gone}
    update directory.device_object d
    set released_at = coalesce(d.released_at, clock_timestamp()),
        physical_ids = array(select i from unnest(d.physical_ids) i where i !~* ${ownTag})
    from gone where d.registration_id = gone.id and d.tenant_id = gone.tenant_id`,
    `
    ${gone}
    delete from directory.device_object d using gone
    where d.registration_id = gone.id and d.tenant_id = gone.tenant_id and ${isUnused}`,
    `
    with due as (select key from directory.request where key = any ($1))
    ${close('(select null::text as key, null::uuid as registration_id, null::text as reason where false)')}`,
  ],
};
