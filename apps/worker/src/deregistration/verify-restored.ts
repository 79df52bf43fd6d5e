import type { LedgerDevice } from '@groundcrew/persistence/without-orm';
import { known, type StepTools } from './step-driver.js';

/** What is not as it was before the run, in words, for each device that differs. */
export async function differencesFromBefore(
  { directory, management }: StepTools,
  tenantId: string,
  devices: readonly (LedgerDevice & { registered: boolean })[],
): Promise<Map<string, string>> {
  const managedIds = known(devices.map((device) => device.managedDeviceId));
  const objectIds = known(devices.map((device) => device.directoryObjectId));
  const assigned = devices.filter((device) => device.userId !== null).map(({ deviceId }) => deviceId);
  const records = managedIds.length === 0 ? [] : await management.read(tenantId, { managedDeviceIds: managedIds });
  const users = assigned.length === 0 ? [] : await management.readAssignedUsers(tenantId, assigned);
  const objects = objectIds.length === 0 ? [] : await directory.read(tenantId, { objectIds });
  const managed = new Set(records.filter((record) => !record.retirePending).map((record) => record.managedDeviceId));
  const userOf = new Map(users.map(({ registrationId, userId }) => [registrationId, userId]));
  const present = new Set(objects.map(({ objectId }) => objectId));

  const differences = new Map<string, string>();
  for (const device of devices) {
    const said: string[] = [];
    if (!device.registered) said.push('it is not registered any more');
    if (device.managedDeviceId !== null && !managed.has(device.managedDeviceId))
      said.push('management has removed its record: the device has to enrol again');
    if (device.userId !== null && userOf.get(device.deviceId) !== device.userId)
      said.push(`${device.userName ?? device.userId} was assigned and is not any more`);
    if (device.directoryObjectId !== null && !present.has(device.directoryObjectId))
      said.push('its directory object is gone');
    if (said.length > 0) differences.set(device.deviceId, said.join('; '));
  }
  return differences;
}
