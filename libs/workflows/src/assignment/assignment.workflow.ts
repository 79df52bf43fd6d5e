import { continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import type { ChunkReference, RunReference } from '../registration-order/registration-order.port.js';
import { runCommanded } from '../registration-order/registration-order.workflow.js';
import { openWindow } from '../window/window.js';
import type { AssignmentActivities, AssignmentOutcome } from './assignment.port.js';

export interface AssignmentInput {
  run: RunReference;
  policy: RunPolicy;
  phase: 'assigning' | 'putting_back';
  /** The first chunk of the phase that this execution handles; executions before it handled the others. */
  nextChunk: number;
}

/**
 * Gives each device the profile it is due, chunk by chunk. Whoever cancels does so in PostgreSQL: a chunk finds it there and writes
 * nothing, and a run that wants to close finds it too and is told to put everything back first. The signal only hurries: it can come
 * early, late or never.
 */
export async function assignment(input: AssignmentInput): Promise<AssignmentOutcome> {
  const { run, policy } = input;
  const registry = proxyActivities<AssignmentActivities>(activityOptions(policy));
  let stopped = false;
  setHandler(runCommanded, () => {
    stopped = true;
  });

  const { closed, chunkCount } = await registry.openAssignment(run);
  const throughChunks = async (
    phase: AssignmentInput['phase'],
    handle: (chunk: ChunkReference) => Promise<{ stop: boolean }>,
  ): Promise<void> => {
    const inFlight = openWindow(policy.chunksInFlight);
    for (let number = input.phase === phase ? input.nextChunk : 1; number <= chunkCount; number += 1) {
      await inFlight.room();
      if (stopped && phase === 'assigning') break;
      if (workflowInfo().historyLength > policy.historyBudget) {
        // Drained first, so that no answer is on its way to an execution that is gone.
        await inFlight.drained();
        await continueAsNew<typeof assignment>({ ...input, phase, nextChunk: number });
      }
      inFlight.launch(async () => {
        const { stop } = await handle({ ...run, chunk: number });
        if (stop) stopped = true;
      });
    }
    await inFlight.drained();
  };

  if (!closed && input.phase === 'assigning') await throughChunks('assigning', registry.assignChunk);
  const closing = await registry.closeAssignment(run);
  if (!closing.putBackFirst) return closing.outcome;

  await throughChunks('putting_back', async (chunk) => {
    await registry.putBackChunk(chunk);
    return { stop: false };
  });
  return (await registry.closeAssignment(run)).outcome;
}
