import type { ActivityOptions } from '@temporalio/workflow';

/** Everything in a run that is measured in time or number, decided by whoever starts it. Plain JSON. */
export interface RunPolicy {
  /** On which queue what the run does waits; the workflow's own unless it is said. */
  taskQueue?: string;
  /** How many chunks of one run are worked on at once. */
  chunksInFlight: number;
  /** How many chunks of an order one activity registers, one after the other, while many are left; one unless it is said. */
  chunksPerActivity?: number;
  /** After how many history events an execution hands over to the next. Source: temporal.md 2.3. */
  historyBudget: number;
  /** How long one attempt at an activity may take, in milliseconds. */
  attemptMs: number;
  /** A worker that is silent for longer is dead, and its chunk moves on. At most 10 s, in milliseconds. */
  heartbeatMs: number;
  firstRetryMs: number;
  longestRetryMs: number;
}

/** What runs use unless they are told otherwise. */
export const defaultRunPolicy: RunPolicy = {
  chunksInFlight: 3,
  chunksPerActivity: 3,
  historyBudget: 1_500,
  attemptMs: 120_000,
  heartbeatMs: 10_000,
  firstRetryMs: 200,
  longestRetryMs: 10_000,
};

/** Retries have no end: while the world does not answer the run waits, and people see why. */
export function activityOptions(policy: RunPolicy): ActivityOptions {
  return {
    ...(policy.taskQueue !== undefined && { taskQueue: policy.taskQueue }),
    startToCloseTimeout: policy.attemptMs,
    heartbeatTimeout: policy.heartbeatMs,
    retry: { initialInterval: policy.firstRetryMs, maximumInterval: policy.longestRetryMs, backoffCoefficient: 2 },
  };
}
