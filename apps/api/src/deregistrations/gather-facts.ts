import type { PlannedFacts } from '@groundcrew/domain';
import type { RegistryFacts } from '@groundcrew/persistence';
import type { ManagedDevice } from '@groundcrew/subsystems';
import { ProblemError } from '../problems/problem.error.js';
import type { Neighbours } from './neighbours.js';

const batch = 5_000;

/** Everything a plan says about devices: what the registry knows, and what the neighbours show now. */
export async function gatherFacts(
  neighbours: Neighbours,
  tenantId: string,
  known: ReadonlyMap<string, RegistryFacts>,
): Promise<Map<string, PlannedFacts>> {
  const facts = new Map<string, PlannedFacts>();
  const devices = [...known.values()];
  for (let from = 0; from < devices.length; from += batch) {
    const part = devices.slice(from, from + batch);
    const seen = await look(neighbours, tenantId, part).catch((error: unknown) => {
      throw new ProblemError('neighbour.unavailable', { detail: (error as Error).message });
    });
    for (const device of part) {
      const record = seen.managed.get(device.deviceId) ?? seen.byObject.get(device.directoryObjectId ?? '') ?? null;
      const user = seen.users.get(device.deviceId) ?? null;
      const objectId = device.directoryObjectId ?? record?.directoryObjectId ?? null;
      // A hybrid device has an object of its own computer beside the one that waited for it.
      const computer = [record?.directoryObjectId, objectId].find((id) => seen.computers.has(id ?? '')) ?? null;
      facts.set(device.deviceId, {
        ...device,
        directoryObjectId: objectId,
        managedDeviceId: record?.managedDeviceId ?? null,
        userId: user?.userId ?? null,
        userName: user?.principalName ?? null,
        recoveryKeys: record?.recoveryKeyEscrowed === true ? 1 : 0,
        computerObjectId: computer,
      });
    }
  }
  return facts;
}

async function look({ management }: Neighbours, tenantId: string, devices: readonly RegistryFacts[]) {
  const ids = devices.map(({ deviceId }) => deviceId);
  const objectIds = devices.map(({ directoryObjectId }) => directoryObjectId).filter((id) => id !== null);
  const [byRegistration, byObject, users] = await Promise.all([
    management.read(tenantId, { registrationIds: ids }),
    management.read(tenantId, { directoryObjectIds: objectIds }),
    management.readAssignedUsers(tenantId, ids),
  ]);
  const joined = [...byRegistration, ...byObject].map((record) => record.directoryObjectId).filter((id) => id !== null);
  const computers = await management.readComputers(tenantId, [...new Set([...objectIds, ...joined])]);
  return {
    managed: new Map(byRegistration.map((record): [string, ManagedDevice] => [record.registrationId!, record])),
    byObject: new Map(byObject.map((record): [string, ManagedDevice] => [record.directoryObjectId!, record])),
    users: new Map(users.map((user) => [user.registrationId, user])),
    computers: new Set(computers.filter(({ removed }) => !removed).map(({ directoryObjectId }) => directoryObjectId)),
  };
}
