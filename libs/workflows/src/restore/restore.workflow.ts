import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import type { RunReference, RunTotals } from '../registration-order/registration-order.port.js';
import { openWindow } from '../window/window.js';
import type { RestoreActivities } from './restore.port.js';

export interface RestoreInput {
  run: RunReference;
  policy: RunPolicy;
  /** The first chunk that this execution handles; executions before it handled the others. */
  nextChunk: number;
}

/** Brings back what was deregistered, chunk by chunk: the registration first, because somebody else may own the hardware by now. */
export async function restore(input: RestoreInput): Promise<RunTotals> {
  const { run, policy } = input;
  const act = proxyActivities<RestoreActivities>(activityOptions(policy));

  const opened = await act.openRestore(run);
  if (opened.closed) return act.closeRestore(run);

  const inFlight = openWindow(policy.chunksInFlight);
  for (let number = input.nextChunk; number <= opened.chunkCount; number += 1) {
    await inFlight.room();
    if (workflowInfo().historyLength > policy.historyBudget) {
      await inFlight.drained();
      await continueAsNew<typeof restore>({ ...input, nextChunk: number });
    }
    inFlight.launch(async () => {
      const chunk = { ...run, chunk: number };
      const { awaiting } = await act.restoreRegistrations(chunk);
      if (awaiting > 0) await act.restoreAtNeighbours(chunk);
    });
  }
  await inFlight.drained();

  return act.closeRestore(run);
}
