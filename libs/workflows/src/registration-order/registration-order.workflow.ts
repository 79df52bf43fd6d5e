import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import { openWindow } from '../window/window.js';
import type { RegistrationOrderActivities, RunReference, RunTotals } from './registration-order.port.js';

export interface RegistrationOrderInput {
  run: RunReference;
  policy: RunPolicy;
  /** The first chunk that this execution handles; executions before it handled the others. */
  nextChunk: number;
}

/**
 * An order of devices, chunk by chunk: register what may be registered, have the directory create the objects, read
 * them back. Which row got which verdict lies in PostgreSQL; this tells only in what order things happen.
 */
export async function registrationOrder(input: RegistrationOrderInput): Promise<RunTotals> {
  const { run, policy } = input;
  const registry = proxyActivities<RegistrationOrderActivities>(activityOptions(policy));
  const directory = registry;

  const opened = await registry.openRun(run);
  if (opened.closed) return registry.closeRun(run);

  const inFlight = openWindow(policy.chunksInFlight);
  for (let number = input.nextChunk; number <= opened.chunkCount; number += 1) {
    await inFlight.room();
    if (workflowInfo().historyLength > policy.historyBudget) {
      // Drained first, so that no answer is on its way to an execution that is gone.
      await inFlight.drained();
      await continueAsNew<typeof registrationOrder>({ ...input, nextChunk: number });
    }
    inFlight.launch(async () => {
      const chunk = { ...run, chunk: number };
      const { awaiting } = await registry.registerChunk(chunk);
      if (awaiting === 0) return;
      await directory.preCreateDirectoryObjects(chunk);
      await directory.settleChunk(chunk);
    });
  }
  await inFlight.drained();

  return registry.closeRun(run);
}
