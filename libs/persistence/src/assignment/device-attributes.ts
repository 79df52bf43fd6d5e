import { foldDevice, foldVersion, type FoldedDevice, type RuleDevice, type TpmVersion } from '@groundcrew/domain';
import type pg from 'pg';
import type { DeviceList } from './fenced-chunk.js';
import { Slices } from '../bulk/slices.js';
import { believed, joinDeviceFacts } from '../profiles/platform-sql.js';

const patienceMs = 500;

type UnfoldedDevice = RuleDevice & { tpm: TpmVersion | null };

/**
 * Folds the attributes of devices that are not folded yet: they are new, or what they were folded from has changed and the database
 * forgot them, or they were folded in another way. The device's row is held meanwhile: whoever takes the device out waits, or was faster.
 * Nobody waits for an assignment that waits itself: where one device is held for longer, all are let go, and the chunk is tried again.
 *
 * @throws lock_not_available (55P03) where somebody holds a device
 */
export async function foldAttributes(
  client: pg.PoolClient,
  tenantId: string,
  deviceIds: DeviceList,
  folded: readonly string[],
): Promise<void> {
  await client.query(`set local lock_timeout = ${patienceMs}`);
  const { rows } = await client.query<UnfoldedDevice>({
    text: `select d.id as "registrationId", d.group_tag as "groupTag", d.purchase_order as "purchaseOrder",
                  d.serial_number as "serialNumber", coalesce(u.display_name, d.serial_number, d.id::text) as "displayName", d.manufacturer, d.model,
                  ${believed.osFamily} as "osFamily", ${believed.deviceType} as "deviceType", ${believed.tpmVersion} as tpm
           from registry.device d ${joinDeviceFacts}
           left join registry.device_designation u on u.tenant_id = d.tenant_id and u.device_id = d.id
           where d.tenant_id = $1 and d.id = any ($2::uuid[]) and d.id <> all ($3::uuid[])
           for key share of d`,
    values: [tenantId, deviceIds, folded],
  });
  await client.query('set local lock_timeout to default');
  if (rows.length > 0) await writeAttributes(client, tenantId, rows);
}

async function writeAttributes(
  client: pg.PoolClient,
  tenantId: string,
  devices: readonly UnfoldedDevice[],
): Promise<void> {
  const folded: FoldedDevice[] = [];
  const slices = new Slices();
  for (const device of devices) {
    if (slices.isOver) await slices.next();
    folded.push(foldDevice(device));
  }
  await client.query({
    text: `insert into registry.device_attributes (tenant_id, device_id, physical_ids, display_name, serial_number, manufacturer, model,
             os_family, device_type, tpm, fold_version)
           select $1, w.id, array(select jsonb_array_elements_text(w.physical_ids)), w.display_name, w.serial_number, w.manufacturer,
             w.model, w.os_family, w.device_type, w.tpm, $2
           from unnest($3::uuid[], $4::jsonb[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
             as w (id, physical_ids, display_name, serial_number, manufacturer, model, os_family, device_type, tpm)
           on conflict (tenant_id, device_id) do update set
             physical_ids = excluded.physical_ids, display_name = excluded.display_name, serial_number = excluded.serial_number,
             manufacturer = excluded.manufacturer, model = excluded.model, os_family = excluded.os_family,
             device_type = excluded.device_type, tpm = excluded.tpm, fold_version = excluded.fold_version`,
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
    ],
  });
}
