import { foldDevice, foldVersion, type RuleDevice, type TpmVersion } from '@groundcrew/domain';
import type pg from 'pg';

type StaleDevice = RuleDevice & { tpm: TpmVersion | null; deviceVersion: number; factsVersion: number | null };

/**
 * Makes the attributes of the chunk's devices what their rows say: those that were never folded, and those whose row, known facts or
 * way of folding has another version since. The device's row is held meanwhile: whoever takes the device out waits, or was faster.
 */
export async function refreshAttributes(
  client: pg.PoolClient,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<void> {
  const { rows } = await client.query<StaleDevice>({
    text: `select d.id as "registrationId", d.group_tag as "groupTag", d.purchase_order as "purchaseOrder",
                  d.serial_number as "serialNumber", coalesce(d.serial_number, d.id::text) as "displayName", d.manufacturer, d.model,
                  x.os_family as "osFamily", x.device_type as "deviceType", x.tpm, d.version as "deviceVersion", x.version as "factsVersion"
           from registry.device d
           left join registry.device_facts x on x.tenant_id = $1 and x.device_id = d.id and x.device_id = any ($2::uuid[])
           left join registry.device_attributes f on f.tenant_id = $1 and f.device_id = d.id and f.device_id = any ($2::uuid[])
           where d.tenant_id = $1 and d.id = any ($2::uuid[])
             and (f.device_id is null or f.device_version <> d.version or f.facts_version is distinct from x.version or f.fold_version <> $3)
           for key share of d`,
    values: [tenantId, deviceIds, foldVersion],
  });
  if (rows.length > 0) await writeAttributes(client, tenantId, rows);
}

async function writeAttributes(
  client: pg.PoolClient,
  tenantId: string,
  devices: readonly StaleDevice[],
): Promise<void> {
  const folded = devices.map((device) => foldDevice(device));
  await client.query({
    text: `insert into registry.device_attributes (tenant_id, device_id, physical_ids, display_name, serial_number, manufacturer, model,
             os_family, device_type, tpm, fold_version, device_version, facts_version)
           select $1, w.id, array(select jsonb_array_elements_text(w.physical_ids)), w.display_name, w.serial_number, w.manufacturer,
             w.model, w.os_family, w.device_type, w.tpm, $2, w.device_version, w.facts_version
           from unnest($3::uuid[], $4::jsonb[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
             $12::integer[], $13::integer[])
             as w (id, physical_ids, display_name, serial_number, manufacturer, model, os_family, device_type, tpm, device_version, facts_version)
           on conflict (tenant_id, device_id) do update set
             physical_ids = excluded.physical_ids, display_name = excluded.display_name, serial_number = excluded.serial_number,
             manufacturer = excluded.manufacturer, model = excluded.model, os_family = excluded.os_family,
             device_type = excluded.device_type, tpm = excluded.tpm, fold_version = excluded.fold_version,
             device_version = excluded.device_version, facts_version = excluded.facts_version`,
    values: [
      tenantId,
      foldVersion,
      devices.map(({ registrationId }) => registrationId),
      folded.map(({ physicalIds }) => JSON.stringify(physicalIds)),
      folded.map(({ displayName }) => displayName),
      folded.map(({ serialNumber }) => serialNumber),
      folded.map(({ manufacturer }) => manufacturer),
      folded.map(({ model }) => model),
      folded.map(({ osFamily }) => osFamily),
      folded.map(({ deviceType }) => deviceType),
      devices.map(({ tpm }) => tpm),
      devices.map(({ deviceVersion }) => deviceVersion),
      devices.map(({ factsVersion }) => factsVersion),
    ],
  });
}
