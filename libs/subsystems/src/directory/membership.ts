import type pg from 'pg';

/** Of an object `d`: nobody needs it, so the directory drops it. */
export const isUnused = `
  (d.registration_id is null or d.released_at is not null) and not d.managed and d.trust_type is null and not d.on_premises_computer`;

/** What happens in the built-in directory when a device joins, leaves, or its computer object goes: the built-in management calls it. */

/** A device that joined and is managed from now on, on an object that is there or on a new one. */
export interface JoiningDevice {
  objectId: string;
  displayName: string;
  trustType: 'AzureAd' | 'ServerAd' | 'Workplace';
}

export async function joinDirectory(
  client: pg.PoolClient,
  tenantId: string,
  devices: readonly JoiningDevice[],
): Promise<void> {
  await client.query({
    name: 'directory_join',
    text: `insert into directory.device_object (id, tenant_id, display_name, physical_ids, trust_type, managed, on_premises_computer)
           select o."objectId", $1, o."displayName", '{}', o."trustType", true, o."trustType" = 'ServerAd'
           from jsonb_to_recordset($2) as o ("objectId" uuid, "displayName" text, "trustType" text)
           on conflict (id) do update set trust_type = excluded.trust_type, managed = true`,
    values: [tenantId, JSON.stringify(devices)],
  });
}

/** Devices that management let go have also left the directory; a hybrid one stays, as long as its computer is there. */
export async function leaveDirectory(
  client: pg.PoolClient,
  tenantId: string,
  objectIds: readonly string[],
): Promise<void> {
  await client.query({
    name: 'directory_leave',
    text: `update directory.device_object
           set managed = false, trust_type = case when trust_type = 'ServerAd' and on_premises_computer then trust_type end
           where tenant_id = $1 and id = any ($2::uuid[])`,
    values: [tenantId, objectIds],
  });
  await dropUnused(client, tenantId, objectIds);
}

/** Management says that it has no device with these objects: a join stays, and what nothing uses goes. */
export async function forgetManagement(
  client: pg.PoolClient,
  tenantId: string,
  objectIds: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'directory_unmanaged',
    text: `update directory.device_object set managed = false
           where tenant_id = $1 and id = any ($2::uuid[]) and managed returning id`,
    values: [tenantId, objectIds],
  });
  await dropUnused(client, tenantId, objectIds);
  return rows.map(({ id }) => id);
}

/** Objects whose computers were removed are not synced any more. */
export async function stopSyncingComputers(
  client: pg.PoolClient,
  tenantId: string,
  objectIds: readonly string[],
): Promise<void> {
  await client.query({
    name: 'directory_computers_removed',
    text: `update directory.device_object
           set on_premises_computer = false, trust_type = case when managed then trust_type end
           where tenant_id = $1 and id = any ($2::uuid[]) and on_premises_computer`,
    values: [tenantId, objectIds],
  });
  await dropUnused(client, tenantId, objectIds);
}

/** Computers that came back are synced again, each into the object that it had. */
export async function syncComputers(
  client: pg.PoolClient,
  tenantId: string,
  computers: readonly { objectId: string; name: string }[],
): Promise<void> {
  await client.query({
    name: 'directory_computers_restored',
    text: `insert into directory.device_object (id, tenant_id, display_name, physical_ids, trust_type, on_premises_computer)
           select o."objectId", $1, o.name, '{}', 'ServerAd', true
           from jsonb_to_recordset($2) as o ("objectId" uuid, name text)
           on conflict (id) do update set trust_type = 'ServerAd', on_premises_computer = true`,
    values: [tenantId, JSON.stringify(computers)],
  });
}

/** A statement of its own: it sees what a release did while the one before waited for it. */
async function dropUnused(client: pg.PoolClient, tenantId: string, objectIds: readonly string[]): Promise<void> {
  await client.query({
    name: 'directory_drop_unused',
    text: `delete from directory.device_object d where d.tenant_id = $1 and d.id = any ($2::uuid[]) and ${isUnused}`,
    values: [tenantId, objectIds],
  });
}
