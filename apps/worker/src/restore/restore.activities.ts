import { physicalIdsOf } from '@groundcrew/domain';
import {
  closeRun,
  loadRestored,
  openRun,
  restoreChunk,
  settleRestoredChunk,
  type RestoredDevice,
} from '@groundcrew/persistence';
import { isNeighbourFault, type DirectoryPort, type ManagementPort } from '@groundcrew/subsystems';
import type { ChunkReference, RestoreActivities } from '@groundcrew/workflows';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
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
        try {
          await atNeighbours(tools, chunk, devices);
        } catch (error) {
          if (isNeighbourFault(error)) throw later(error.message, error.retryAfterMs ?? 1_000);
          throw error;
        }
      }),
  };
}

async function atNeighbours(tools: RestoreTools, chunk: ChunkReference, devices: readonly RestoredDevice[]) {
  const { directory, management } = tools;
  const { tenantId } = chunk;
  const key = (step: string) => `${chunk.runId}/${step}/${chunk.chunk}`;
  await directory.preCreate(
    key('precreate_directory_object'),
    tenantId,
    devices.map((device) => ({
      registrationId: device.deviceId,
      displayName: device.serialNumber ?? device.deviceId,
      serialNumber: device.serialNumber,
      physicalIds: physicalIdsOf({ ...device, registrationId: device.deviceId }),
    })),
  );
  const users = devices.flatMap(({ deviceId, userId, userName }) =>
    userId === null ? [] : [{ registrationId: deviceId, userId, principalName: userName ?? userId }],
  );
  if (users.length > 0) await management.assignUsers(key('assign_user'), tenantId, users);

  const ids = devices.map(({ deviceId }) => deviceId);
  const deadline = performance.now() + tools.observePatienceMs;
  for (let wait = 5; ; wait = Math.min(wait * 2, 200)) {
    const seen = await directory.observe(key('precreate_directory_object'), tenantId, ids);
    const assigned = users.length === 0 || (await management.observe(key('assign_user'), tenantId)).applied;
    const refused = new Map(seen.refusals.map(({ registrationId, reason }) => [registrationId, reason]));
    const objects = new Map(seen.objects.map(({ registrationId, objectId }) => [registrationId, objectId]));
    if (seen.applied && assigned && ids.every((id) => objects.has(id) || refused.has(id)))
      return await settleRestoredChunk(tools.pool, chunk, objects, refused);
    if (performance.now() + wait > deadline) throw later('the neighbours have not worked through it yet', 1_000);
    await pause(wait);
  }
}

function later(message: string, nextRetryDelay: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'NotYetObserved',
    message,
    nextRetryDelay,
    category: ApplicationFailureCategory.BENIGN,
  });
}
