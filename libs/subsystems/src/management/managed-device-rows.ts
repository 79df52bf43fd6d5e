import type { TrustType } from '../directory/directory.port.js';
import type { DeviceType, ManagedDevice, ManagedDeviceSelector, OsFamily, Ownership } from './management.port.js';

export const managedDeviceColumns =
  'id, registration_id, directory_object_id, serial_number, manufacturer, model, device_name, device_type, ownership, os_family, ' +
  'os_version, trust_type, primary_user_id, primary_user_name, recovery_key_escrowed, enrolled_at, last_check_in_at, retire_key';

export interface ManagedDeviceRow {
  id: string;
  registration_id: string | null;
  directory_object_id: string | null;
  serial_number: string | null;
  manufacturer: string | null;
  model: string | null;
  device_name: string;
  device_type: DeviceType;
  ownership: Ownership;
  os_family: OsFamily;
  os_version: string;
  trust_type: TrustType;
  primary_user_id: string | null;
  primary_user_name: string | null;
  recovery_key_escrowed: boolean;
  enrolled_at: Date;
  last_check_in_at: Date;
  retire_key: string | null;
}

export function toManagedDevice(row: ManagedDeviceRow): ManagedDevice {
  return {
    managedDeviceId: row.id,
    registrationId: row.registration_id,
    directoryObjectId: row.directory_object_id,
    serialNumber: row.serial_number,
    manufacturer: row.manufacturer,
    model: row.model,
    deviceName: row.device_name,
    deviceType: row.device_type,
    ownership: row.ownership,
    os: { family: row.os_family, version: row.os_version },
    join: row.trust_type,
    primaryUser:
      row.primary_user_id === null
        ? null
        : { userId: row.primary_user_id, principalName: row.primary_user_name ?? row.primary_user_id },
    recoveryKeyEscrowed: row.recovery_key_escrowed,
    enrolledAt: row.enrolled_at.toISOString(),
    lastCheckInAt: row.last_check_in_at.toISOString(),
    retirePending: row.retire_key !== null,
  };
}

export function toCondition(selector: ManagedDeviceSelector): {
  name: string;
  where: string;
  values: readonly string[];
} {
  if ('managedDeviceIds' in selector)
    return { name: 'id', where: 'id = any ($2::uuid[])', values: selector.managedDeviceIds };
  if ('registrationIds' in selector)
    return { name: 'registration', where: 'registration_id = any ($2::uuid[])', values: selector.registrationIds };
  if ('directoryObjectIds' in selector)
    return { name: 'object', where: 'directory_object_id = any ($2::uuid[])', values: selector.directoryObjectIds };
  return { name: 'serial', where: 'serial_number = any ($2::text[])', values: selector.serialNumbers };
}
