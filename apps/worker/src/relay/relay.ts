import { workflowIdOf, type RunKind } from '@groundcrew/domain';
import { claimRunsToStart, markStarted, postpone, type RunToStart } from '@groundcrew/persistence';
import type { RegistrationOrderInput, RunPolicy } from '@groundcrew/workflows';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type pg from 'pg';
import type { Logger } from 'pino';

export interface RelayTools {
  pool: pg.Pool;
  client: Client;
  policy: RunPolicy;
  taskQueuePrefix: string;
  /** This relay's own mark on the messages it claims. */
  claim: string;
  batch: number;
  leaseMs: number;
  retryMs: number;
  /** How long one start may take; well within the lease. */
  startMs: number;
  log: Logger;
}

/** The workflow that executes each kind of run, and what it is started with. */
const workflows: Record<RunKind, { type: string; input: (message: RunToStart, policy: RunPolicy) => RegistrationOrderInput }> = {
  registration_order: {
    type: 'registrationOrder',
    input: ({ runId, tenantId }, policy) => ({ run: { runId, tenantId }, policy, nextChunk: 1 }),
  },
};

/**
 * Starts the runs whose intent is written down. A workflow that was started already is success, whoever started it: so a relay may
 * die, freeze or come back at any moment.
 *
 * @returns how many messages were claimed
 */
export async function relayOnce(tools: RelayTools): Promise<number> {
  const messages = await claimRunsToStart(tools.pool, tools.claim, tools.batch, tools.leaseMs);
  await Promise.all(messages.map((message) => startRun(tools, message)));
  return messages.length;
}

async function startRun(tools: RelayTools, message: RunToStart): Promise<void> {
  const { type, input } = workflows[message.kind];
  try {
    await tools.client.withDeadline(Date.now() + tools.startMs, () =>
      tools.client.workflow.start(type, {
        workflowId: workflowIdOf(message.kind, message.runId),
        taskQueue: `${tools.taskQueuePrefix}${message.taskQueue}`,
        args: [input(message, tools.policy)],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
      const reason = (error as Error).message;
      tools.log.warn({ runId: message.runId, attempts: message.attempts, reason }, 'a run could not be started; trying again');
      await postpone(tools.pool, message, reason, tools.retryMs);
      return;
    }
  }
  await markStarted(tools.pool, message);
}
