import { advanceRepair, closeRepair, loadRepairedUser, openRepair } from '@groundcrew/persistence';
import { isNeighbourFault, type ManagementPort } from '@groundcrew/subsystems';
import type { RepairActivities, RunReference } from '@groundcrew/workflows';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { keepAlive } from '../temporal/keep-alive.js';

export interface RepairTools {
  pool: pg.Pool;
  management: ManagementPort;
  observePatienceMs: number;
}

/** What the workflow of a repair needs, on a real registry and real neighbours. */
export function createRepairActivities(tools: RepairTools): RepairActivities {
  const { pool } = tools;
  return {
    openRepair: (run) => keepAlive(() => openRepair(pool, run)),
    advanceRepair: ({ patience, ...run }) =>
      keepAlive(async () => {
        const standing = await advanceRepair(pool, run, patience);
        if (standing === 'held') throw later('another run took the device first');
        return standing;
      }),
    closeRepair: (run) =>
      keepAlive(async () => {
        try {
          await giveBack(tools, run);
        } catch (error) {
          if (isNeighbourFault(error)) throw later(error.message, error.retryAfterMs ?? 1_000);
          throw error;
        }
        return await closeRepair(pool, run);
      }),
  };
}

/** The new registration is meant for whom the old one was meant for. */
async function giveBack({ pool, management, observePatienceMs }: RepairTools, run: RunReference): Promise<void> {
  const user = await loadRepairedUser(pool, run);
  if (user === null) return;
  const key = `${run.runId}/assign_user/1`;
  await management.assignUsers(key, run.tenantId, [user]);
  const deadline = performance.now() + observePatienceMs;
  for (let wait = 5; ; wait = Math.min(wait * 2, 200)) {
    if ((await management.observe(key, run.tenantId)).applied) return;
    if (performance.now() + wait > deadline) throw later('management has not assigned the user yet');
    await pause(wait);
  }
}

function later(message: string, nextRetryDelay = 1_000): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'NotYetObserved',
    message,
    nextRetryDelay,
    category: ApplicationFailureCategory.BENIGN,
  });
}
