import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RepairPolicy } from '../policy/repair-policy.js';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import type { RunReference } from '../registration-order/registration-order.port.js';
import type { RepairActivities } from './repair.port.js';

export interface RepairInput {
  run: RunReference;
  policy: RunPolicy;
  patience: RepairPolicy;
}

/** Says that a run which the repair goes through is over. How it ended lies in PostgreSQL. */
export const repairMoved = defineSignal('repairMoved');

/**
 * Sees a device through the replacement of its board: deregistered, at the workshop for days, registered by its new hash, and linked
 * to who it was. Each of these is a run of its own; this one waits for them and for people, and decides nothing.
 */
export async function repair(input: RepairInput): Promise<{ outcome: string }> {
  const { run, policy, patience } = input;
  const registry = proxyActivities<RepairActivities>(activityOptions(policy));
  let moved = false;
  setHandler(repairMoved, () => {
    moved = true;
  });

  await registry.openRepair(run);
  for (;;) {
    // Before the look, so that what moves meanwhile is looked at once more.
    moved = false;
    const standing = await registry.advanceRepair({ ...run, patience });
    if (standing.over) break;
    if (standing.dueInMs === null) await condition(() => moved);
    else await condition(() => moved, standing.dueInMs);
    if (workflowInfo().historyLength > policy.historyBudget) await continueAsNew<typeof repair>(input);
  }
  return registry.closeRepair(run);
}
