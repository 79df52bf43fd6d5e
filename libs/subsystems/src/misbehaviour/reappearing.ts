import type pg from 'pg';
import { inTransaction } from '../in-transaction.js';
import { strikesNow, type NeighbourName } from './misbehaviour.js';

/** From where something can reappear, and how it comes back. What came back is as it was; its ties are those of now. */
const sources = {
  'directory.device_object': `
    insert into directory.device_object (id, tenant_id, registration_id, display_name, physical_ids, trust_type, account_enabled, managed)
    select o.id, o.tenant_id, o.registration_id, o.display_name, o.physical_ids, case when m.id is not null then o.trust_type end,
           o.account_enabled, m.id is not null
    from jsonb_populate_record(null::directory.device_object, $1::jsonb) o
    left join management.managed_device m on m.directory_object_id = o.id
    on conflict do nothing`,
  'management.managed_device': `
    with back as (
      insert into management.managed_device
      select (jsonb_populate_record(null::management.managed_device, $1::jsonb || '{"retire_key": null}'::jsonb)).*
      on conflict do nothing returning *)
    insert into directory.device_object as d (id, tenant_id, display_name, physical_ids, trust_type, managed)
    select back.directory_object_id, back.tenant_id, coalesce(back.serial_number, back.device_name), '{}', back.trust_type, true
    from back where back.directory_object_id is not null
    on conflict (id) do update set managed = true, trust_type = coalesce(d.trust_type, excluded.trust_type)`,
  'partner_view.entry': `
    insert into partner_view.entry select (jsonb_populate_record(null::partner_view.entry, $1::jsonb)).* on conflict do nothing`,
} as const;
export type ReappearingSource = keyof typeof sources;

/** Called before something is deleted: where a rule says so, it will be there again. */
export async function noteWhatReappears(
  client: pg.PoolClient,
  neighbour: NeighbourName,
  act: string,
  tenantId: string,
  source: ReappearingSource,
  condition: string,
  values: unknown[],
): Promise<void> {
  const [strike] = await strikesNow(client, neighbour, act, tenantId, ['reappears']);
  if (strike === undefined) return;
  await client.query(
    `insert into misbehaviour.returning (source, deleted, due_at)
     select '${source}', to_jsonb(d), clock_timestamp() + ${Number(strike.delayMs)} * interval '1 millisecond'
     from ${source} d where ${condition}`,
    values,
  );
}

/** Brings back what is due. @returns how many things came back */
export async function bringBack(pool: pg.Pool): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ source: ReappearingSource; deleted: object }>(
      `delete from misbehaviour.returning where id in (
         select id from misbehaviour.returning where due_at <= clock_timestamp() order by id limit 500 for update skip locked)
       returning source, deleted`,
    );
    for (const { source, deleted } of rows) await client.query(sources[source], [JSON.stringify(deleted)]);
    return rows.length;
  });
}
