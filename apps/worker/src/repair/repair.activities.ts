import { advanceRepair, closeRepair, loadRepairedUser, noteWait, openRepair } from '@groundcrew/persistence/without-orm';
import type { ManagementPort } from '@groundcrew/subsystems';
import type { RepairActivities, RunReference } from '@groundcrew/workflows';
import type pg from 'pg';
import { askNeighbour, type NoteWait } from '../neighbours/ask-neighbour.js';
import { lookUntil, notYetObserved } from '../neighbours/look-until.js';
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
        if (standing === 'held') throw notYetObserved('another run took the device first', 1_000);
        return standing;
      }),
    closeRepair: (run) =>
      keepAlive(async () => {
        await giveBack(tools, run);
        return await closeRepair(pool, run);
      }),
  };
}

/** The new registration is meant for whom the old one was meant for. */
async function giveBack({ pool, management, observePatienceMs }: RepairTools, run: RunReference): Promise<void> {
  const user = await loadRepairedUser(pool, run);
  if (user === null) return;
  const step = 'assign_user';
  const key = `${run.runId}/${step}/1`;
  const note: NoteWait = (reason, nextTryMs) => noteWait(pool, { ...run, chunk: 1 }, { step, reason, nextTryMs });
  await askNeighbour(note, () => management.assignUsers(key, run.tenantId, [user]));
  await lookUntil({ patienceMs: observePatienceMs, note }, async () => {
    const { applied } = await management.observe(key, run.tenantId);
    return applied ? { seen: true } : { missing: 'management has not assigned the user yet' };
  });
}
