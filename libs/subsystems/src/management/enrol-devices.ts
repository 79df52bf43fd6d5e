import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { joinDirectory, type JoiningDevice } from '../directory/membership.js';
import { inTransaction } from '../in-transaction.js';
import type { DeviceType, DeviceUser, OsFamily, Ownership } from './management.port.js';

/** A device that starts for the first time and enrols. What is left out is what most devices are. */
export interface EnrollingDevice {
  /** Through which registration it is set up; absent: it enrols by itself. */
  registrationId?: string;
  serialNumber: string;
  manufacturer?: string;
  model?: string;
  deviceName?: string;
  deviceType?: DeviceType;
  /** Absent: whose the tenant's devices are. */
  ownership?: Ownership;
  os?: { family: OsFamily; version: string };
  /** null: enrolled without joining (management-only). A hybrid device (`ServerAd`) has a computer in the tenant's own domain. */
  join?: 'AzureAd' | 'ServerAd' | 'Workplace' | null;
  primaryUser?: (DeviceUser & { licences?: string[] }) | null;
  recoveryKeyEscrowed?: boolean;
  /** Base64: what the device says when management asks for its hash; absent: it does not answer. */
  hardwareHash?: string;
}

export interface EnrolledDevice {
  managedDeviceId: string;
  directoryObjectId: string | null;
}

/**
 * Devices start and enrol in the built-in management: they join, and are managed from then on. This stands for what people and
 * devices do, so it is in no port; demo and tests call it.
 *
 * @returns in the order of the devices
 */
export async function enrolDevices(
  pool: pg.Pool,
  tenantId: string,
  devices: readonly EnrollingDevice[],
): Promise<EnrolledDevice[]> {
  return inTransaction(pool, async (client) => {
    const own = await objectsOf(client, tenantId, devices);
    const enrolled = devices.map((device) => toRow(device, own));
    const joining = enrolled.flatMap((row): JoiningDevice[] =>
      row.objectId === null || row.join === null
        ? []
        : [{ objectId: row.objectId, displayName: row.serialNumber, trustType: row.join }],
    );
    if (joining.length > 0) await joinDirectory(client, tenantId, joining);
    await client.query({ text: insertSql, values: [tenantId, JSON.stringify(enrolled)] });
    return enrolled.map((row) => ({ managedDeviceId: row.id, directoryObjectId: row.objectId }));
  });
}

/** A registered device joins as the object that waits for it; a hybrid one gets another beside it. Source: domain.md 4. */
async function objectsOf(
  client: pg.PoolClient,
  tenantId: string,
  devices: readonly EnrollingDevice[],
): Promise<Map<string, string>> {
  const registrations = devices.flatMap((device) =>
    device.registrationId !== undefined && (device.join ?? 'AzureAd') === 'AzureAd' ? [device.registrationId] : [],
  );
  const { rows } = await client.query<{ id: string; registration_id: string }>(
    'select id, registration_id from directory.device_object where tenant_id = $1 and registration_id = any ($2::uuid[])',
    [tenantId, registrations],
  );
  return new Map(rows.map((row) => [row.registration_id, row.id]));
}

function toRow(device: EnrollingDevice, own: ReadonlyMap<string, string>) {
  const join = device.join === undefined ? 'AzureAd' : device.join;
  const waiting =
    join === 'AzureAd' && device.registrationId !== undefined ? own.get(device.registrationId) : undefined;
  return {
    id: randomUUID(),
    objectId: join === null ? null : (waiting ?? randomUUID()),
    registrationId: device.registrationId ?? null,
    serialNumber: device.serialNumber,
    manufacturer: device.manufacturer ?? null,
    model: device.model ?? null,
    deviceName: device.deviceName ?? `PC-${device.serialNumber}`,
    deviceType: device.deviceType ?? 'laptop',
    ownership: device.ownership ?? null,
    osFamily: device.os?.family ?? 'windows',
    osVersion: device.os?.version ?? '10.0.26100.1',
    join,
    userId: device.primaryUser?.userId ?? null,
    userName: device.primaryUser?.principalName ?? null,
    licences: device.primaryUser?.licences ?? [],
    recoveryKey: device.recoveryKeyEscrowed ?? false,
    hash: device.hardwareHash ?? null,
  };
}

const insertSql = `
  with d as (
    select * from jsonb_to_recordset($2) as d (id uuid, "objectId" uuid, "registrationId" uuid, "serialNumber" text,
      manufacturer text, model text, "deviceName" text, "deviceType" text, ownership text, "osFamily" text, "osVersion" text,
      "join" text, "userId" uuid, "userName" text, licences text[], "recoveryKey" boolean, hash text)),
  hashes as (
    insert into management.device_hash (tenant_id, managed_device_id, hash)
    select $1, id, decode(hash, 'base64') from d where hash is not null),
  users as (
    insert into management.managed_user (tenant_id, id, principal_name, licences)
    select distinct on ("userId") $1::uuid, "userId", "userName", licences from d where "userId" is not null
    on conflict (tenant_id, id) do update set licences = excluded.licences),
  computers as (
    insert into management.on_premises_computer (tenant_id, directory_object_id, name)
    select $1, "objectId", "deviceName" from d where "join" = 'ServerAd')
  insert into management.managed_device (tenant_id, id, registration_id, directory_object_id, serial_number, manufacturer, model,
    device_name, device_type, ownership, os_family, os_version, trust_type, primary_user_id, primary_user_name, recovery_key_escrowed)
  select $1, id, "registrationId", "objectId", "serialNumber", manufacturer, model, "deviceName", "deviceType",
    coalesce(ownership, (select t.ownership from management.tenant_ownership t where t.tenant_id = $1), 'corporate'),
    "osFamily", "osVersion", "join", "userId", "userName", "recoveryKey" from d`;
