import { physicalIdsOf } from '@groundcrew/domain';
import {
  closeRun,
  loadRestored,
  openRun,
  restoreChunk,
  settleRestoredChunk,
  type RestoredDevice,
  type SeenAtNeighbours,
} from '@groundcrew/persistence/without-orm';
import type { DirectoryPort, ManagementPort } from '@groundcrew/subsystems';
import type { ChunkReference, RestoreActivities } from '@groundcrew/workflows';
import type pg from 'pg';
import { askNeighbour } from '../neighbours/ask-neighbour.js';
import { lookUntil, toldByTheFailure } from '../neighbours/look-until.js';
import { keepAlive } from '../temporal/keep-alive.js';

export interface RestoreTools {
  pool: pg.Pool;
  directory: DirectoryPort;
  management: ManagementPort;
  observePatienceMs: number;
}

/** What the workflow of a restore needs, on a real registry and real neighbours. */
export function createRestoreActivities(tools: RestoreTools): RestoreActivities {
  const { pool } = tools;
  return {
    openRestore: (run) => keepAlive(() => openRun(pool, run)),
    closeRestore: (run) => keepAlive(() => closeRun(pool, run)),
    restoreRegistrations: (chunk) => keepAlive(async () => ({ awaiting: await restoreChunk(pool, chunk) })),
    restoreAtNeighbours: (chunk) =>
      keepAlive(async () => {
        const devices = await loadRestored(pool, chunk);
        if (devices.length === 0) return;
        await askNeighbour(toldByTheFailure, () => bringBack(tools, chunk, devices));
        await settleRestoredChunk(pool, chunk, await watchNeighbours(tools, chunk, devices));
      }),
  };
}

/** Each act under the same key however often it is asked: the neighbours take it once. */
const keyOf = ({ runId, chunk }: ChunkReference, step: string) => `${runId}/${step}/${chunk}`;

async function bringBack(
  { directory, management }: RestoreTools,
  chunk: ChunkReference,
  devices: readonly RestoredDevice[],
) {
  await directory.preCreate(
    keyOf(chunk, 'precreate_directory_object'),
    chunk.tenantId,
    devices.map((device) => ({
      registrationId: device.deviceId,
      displayName: device.serialNumber ?? device.deviceId,
      serialNumber: device.serialNumber,
      physicalIds: physicalIdsOf({ ...device, registrationId: device.deviceId }),
    })),
  );
  const users = usersOf(devices);
  if (users.length > 0) await management.assignUsers(keyOf(chunk, 'assign_user'), chunk.tenantId, users);
}

/** A look may show what was true before: what is not as it was is believed when so many looks in a row show it. */
const looksToBelieve = 4;

function watchNeighbours(
  { directory, management, observePatienceMs }: RestoreTools,
  chunk: ChunkReference,
  devices: readonly RestoredDevice[],
): Promise<SeenAtNeighbours> {
  const { tenantId } = chunk;
  const ids = devices.map(({ deviceId }) => deviceId);
  const users = usersOf(devices);
  let doubtful = 0;
  return lookUntil<SeenAtNeighbours>({ patienceMs: observePatienceMs, note: toldByTheFailure }, async () => {
    const seen = await directory.observe(keyOf(chunk, 'precreate_directory_object'), tenantId, ids);
    const assigned = users.length === 0 || (await management.observe(keyOf(chunk, 'assign_user'), tenantId)).applied;
    const refused = new Map(seen.refusals.map(({ registrationId, reason }) => [registrationId, reason]));
    const objects = new Map(seen.objects.map(({ registrationId, objectId }) => [registrationId, objectId]));
    if (!seen.applied || !assigned || !ids.every((id) => objects.has(id) || refused.has(id)))
      return { missing: 'the neighbours have not worked through it yet' };
    const differences = await differencesOfUsers(management, tenantId, users);
    doubtful = differences.size === 0 ? 0 : doubtful + 1;
    if (doubtful > 0 && doubtful < looksToBelieve) return { missing: 'management does not show the users yet' };
    return { seen: { objects, refused, differences } };
  });
}

/** Reads the users back that were assigned again. */
async function differencesOfUsers(
  management: ManagementPort,
  tenantId: string,
  users: ReturnType<typeof usersOf>,
): Promise<Map<string, string>> {
  if (users.length === 0) return new Map();
  const shown = await management.readAssignedUsers(
    tenantId,
    users.map(({ registrationId }) => registrationId),
  );
  const now = new Map(shown.map((user) => [user.registrationId, user]));
  return new Map(
    users.flatMap(({ registrationId, userId, principalName }): [string, string][] => {
      const user = now.get(registrationId);
      if (user?.userId === userId) return [];
      const instead = user === undefined ? 'nobody is' : `${user.principalName} is`;
      return [[registrationId, `Registered again, but ${principalName} was assigned before and now ${instead}.`]];
    }),
  );
}

function usersOf(devices: readonly RestoredDevice[]) {
  return devices.flatMap(({ deviceId, userId, userName }) =>
    userId === null ? [] : [{ registrationId: deviceId, userId, principalName: userName ?? userId }],
  );
}
