import type pg from 'pg';
import type { DirectoryPort, DirectoryRefusal } from './directory.port.js';

/** The channel on which the neighbours' process hears of new requests; it also looks by itself from time to time. */
export const directoryChannel = 'directory_request';

/** The built-in directory as its callers see it: it accepts now; `applyDirectoryRequests` works later, in another process. */
export function createBuiltInDirectory(pool: pg.Pool): DirectoryPort {
  return {
    async preCreate(key, tenantId, objects) {
      await pool.query({
        name: 'directory_accept',
        text: `with taken as (
                 insert into directory.request (key, tenant_id, objects) values ($1, $2, $3)
                 on conflict (key) do nothing returning key)
               select pg_notify('${directoryChannel}', key) from taken`,
        values: [key, tenantId, JSON.stringify(objects)],
      });
    },

    async observe(key, tenantId, registrationIds) {
      const request = await pool.query<{ applied: boolean; refusals: DirectoryRefusal[] }>({
        name: 'directory_request',
        text: 'select applied_at is not null as applied, refusals from directory.request where key = $1 and tenant_id = $2',
        values: [key, tenantId],
      });
      const found = request.rows[0];
      if (found === undefined || !found.applied) return { applied: false, objects: [], refusals: [] };
      const objects = await pool.query<{ registration_id: string; id: string; physical_ids: string[] }>({
        name: 'directory_objects',
        text: `select registration_id, id, physical_ids from directory.device_object
               where registration_id = any ($1::uuid[]) and tenant_id = $2`,
        values: [registrationIds, tenantId],
      });
      return {
        applied: true,
        objects: objects.rows.map((row) => ({
          registrationId: row.registration_id,
          objectId: row.id,
          physicalIds: row.physical_ids,
        })),
        refusals: found.refusals,
      };
    },
  };
}

/**
 * Works through what was accepted, oldest first. Safe to run in several processes: each request is locked while it is applied,
 * and applying it is one transaction.
 *
 * @returns how many requests were applied; 0 when there was nothing to do
 */
export async function applyDirectoryRequests(pool: pg.Pool, limit: number): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ key: string }>({
      name: 'directory_apply',
      text: `
        with due as (
          select key, tenant_id, objects from directory.request
          where applied_at is null order by accepted_at limit $1 for update skip locked),
        wanted as (
          select due.key, due.tenant_id, o."registrationId" as registration_id, o."displayName" as display_name,
                 o."physicalIds" as physical_ids
          from due cross join lateral jsonb_to_recordset(due.objects)
            as o ("registrationId" uuid, "displayName" text, "physicalIds" text[])),
        refused as (
          select w.key, w.registration_id from wanted w
          where exists (select 1 from directory.device_object d
            where d.tenant_id = w.tenant_id and d.display_name = w.display_name and d.trust_type is not null)),
        created as (
          insert into directory.device_object (tenant_id, registration_id, display_name, physical_ids)
          select w.tenant_id, w.registration_id, w.display_name, w.physical_ids from wanted w
          where not exists (select 1 from refused r where r.registration_id = w.registration_id)
          on conflict (registration_id) do nothing)
        update directory.request q
        set applied_at = clock_timestamp(),
            -- The key stays, so that a repetition is known; what was asked for stands in the objects now.
            objects = '[]',
            refusals = coalesce((select jsonb_agg(jsonb_build_object('registrationId', r.registration_id, 'reason', 'already_joined'))
              from refused r where r.key = q.key), '[]')
        from due where q.key = due.key
        returning q.key`,
      values: [limit],
    });
    await client.query('commit');
    return rows.length;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
