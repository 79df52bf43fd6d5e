import type { HoldKind, PlannedFacts } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

/** Devices named one by one, or all that a filter finds. */
export interface DeviceSelection {
  deviceIds: readonly string[];
  serialNumbers: readonly string[];
  filter: Partial<Record<'groupTag' | 'purchaseOrder' | 'manufacturer' | 'model', string | undefined>> | null;
}

export interface SelectedDevices {
  deviceIds: string[];
  /** What was named and is not there. */
  unknown: string[];
  /** Serial numbers that several devices show, each with the devices it could mean. */
  ambiguous: {
    serialNumber: string;
    candidates: { deviceId: string; manufacturer: string | null; model: string | null }[];
  }[];
}

/** Which devices are meant, by exact id. What is ambiguous is not guessed. @param most one more than may be planned is enough */
export async function selectDevices(
  unit: Unit,
  tenantId: string,
  selection: DeviceSelection,
  most: number,
): Promise<SelectedDevices> {
  const { deviceIds, serialNumbers, filter } = selection;
  const found = await unit.query<{
    id: string;
    serial_number: string | null;
    manufacturer: string | null;
    model: string | null;
  }>(
    `select id, serial_number, manufacturer, model from registry.device
     where tenant_id = $1 and (id = any ($2::uuid[]) or serial_number = any ($3::text[]) or ($4::jsonb is not null
       and ($4 ->> 'groupTag' is null or group_tag = $4 ->> 'groupTag')
       and ($4 ->> 'purchaseOrder' is null or purchase_order = $4 ->> 'purchaseOrder')
       and ($4 ->> 'manufacturer' is null or manufacturer = $4 ->> 'manufacturer')
       and ($4 ->> 'model' is null or model = $4 ->> 'model')))
     order by id limit $5`,
    [tenantId, deviceIds, serialNumbers, filter === null ? null : JSON.stringify(filter), most],
  );
  const ids = new Set(found.map(({ id }) => id));
  const named = new Set(deviceIds);
  const bySerial = new Map<string, typeof found>();
  for (const device of found) {
    if (device.serial_number === null) continue;
    bySerial.set(device.serial_number, [...(bySerial.get(device.serial_number) ?? []), device]);
  }
  // A serial number that two devices show means neither, unless the device itself is named.
  const ambiguous = serialNumbers
    .map((serialNumber) => ({ serialNumber, devices: bySerial.get(serialNumber) ?? [] }))
    .filter(({ devices }) => devices.length > 1 && !devices.some(({ id }) => named.has(id)));
  return {
    deviceIds: [...ids],
    unknown: [
      ...deviceIds.filter((id) => !ids.has(id)),
      ...serialNumbers.filter((serialNumber) => !bySerial.has(serialNumber)),
    ],
    ambiguous: ambiguous.map(({ serialNumber, devices }) => ({
      serialNumber,
      candidates: devices.map(({ id, manufacturer, model }) => ({ deviceId: id, manufacturer, model })),
    })),
  };
}

/** What the registry itself knows of devices that are to be planned; the neighbours know the rest. */
export type RegistryFacts = Pick<
  PlannedFacts,
  'deviceId' | 'serialNumber' | 'version' | 'registeredUser' | 'directoryObjectId' | 'hold' | 'busyWith'
>;

export async function registryFactsOf(
  unit: Unit,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<Map<string, RegistryFacts>> {
  const rows = await unit.query<{
    id: string;
    serial_number: string | null;
    version: number;
    object_id: string | null;
    assigned_user: string | null;
    hold: HoldKind | null;
    run_id: string | null;
    kind: string | null;
  }>(
    `select d.id, d.serial_number, d.version, o.object_id, g.assigned_user, h.kind as hold, r.run_id, r.kind
     from registry.device d
     left join registry.device_directory_object o on o.tenant_id = d.tenant_id and o.device_id = d.id
     left join registry.device_designation g on g.tenant_id = d.tenant_id and g.device_id = d.id
     left join registry.device_hold h on h.tenant_id = d.tenant_id and h.device_id = d.id
     left join registry.device_reservation r on r.tenant_id = d.tenant_id and r.device_id = d.id
     where d.tenant_id = $1 and d.id = any ($2::uuid[])`,
    [tenantId, deviceIds],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        deviceId: row.id,
        serialNumber: row.serial_number,
        version: row.version,
        directoryObjectId: row.object_id,
        registeredUser: row.assigned_user,
        hold: row.hold,
        busyWith: row.run_id === null ? null : { runId: row.run_id, kind: row.kind! },
      },
    ]),
  );
}
