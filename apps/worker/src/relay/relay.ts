import { workflowIdOf, type RunKind } from '@groundcrew/domain';
import { claimRunsToStart, markStarted, postpone, type RunToStart } from '@groundcrew/persistence/without-orm';
import type {
  AssignmentInput,
  ConsentInput,
  ConsentPolicy,
  DeregistrationInput,
  OrphanScanInput,
  RegistrationOrderInput,
  RepairInput,
  RepairPolicy,
  RestoreInput,
  RunPolicy,
} from '@groundcrew/workflows';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type pg from 'pg';
import type { Logger } from 'pino';
import { workflowQueue } from '../temporal/queues.js';

export interface RelayTools {
  pool: pg.Pool;
  client: Client;
  policy: RunPolicy;
  consent: ConsentPolicy;
  repair: RepairPolicy;
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

/**
 * Runs whose chunks are fences, so that an execution that was terminated, failed or timed out can be begun again and goes on where it
 * stopped. One that ended well is never begun again.
 */
const goesOn: ReadonlySet<RunKind> = new Set(['assignment']);

/** An import is the same story as an order, told by the tenant itself. */
const registers = {
  type: 'registrationOrder',
  input: ({ runId, tenantId }: RunToStart, { policy }: RelayTools): RegistrationOrderInput => ({
    run: { runId, tenantId },
    policy,
    nextChunk: 1,
  }),
};

/** The workflow that executes each kind of run, and what it is started with. */
const workflows: Record<
  RunKind,
  {
    type: string;
    input: (
      message: RunToStart,
      tools: RelayTools,
    ) =>
      | RegistrationOrderInput
      | ConsentInput
      | AssignmentInput
      | DeregistrationInput
      | RestoreInput
      | RepairInput
      | OrphanScanInput;
  }
> = {
  registration_order: registers,
  import: registers,
  automatic_registration: registers,
  surface_case: registers,
  hardware_report: registers,
  order_void: registers,
  order_return: registers,
  order_replacement: registers,
  consent: {
    type: 'consent',
    input: ({ runId, tenantId }, { policy, consent }) => ({ run: { runId, tenantId }, policy, consent }),
  },
  orphan_scan: {
    type: 'orphanScan',
    input: ({ runId, tenantId }, { policy }) => ({
      run: { runId, tenantId },
      policy,
      pass: 'repairing',
      store: 'registration',
      after: null,
    }),
  },
  assignment: {
    type: 'assignment',
    input: ({ runId, tenantId }, { policy }) => ({
      run: { runId, tenantId },
      policy,
      phase: 'assigning',
      nextChunk: 1,
    }),
  },
  deregistration: {
    type: 'deregistration',
    input: ({ runId, tenantId }, { policy }) => ({ run: { runId, tenantId }, policy, onlyWhoWasLeftBehind: false }),
  },
  repair: {
    type: 'repair',
    input: ({ runId, tenantId }, { policy, repair }) => ({ run: { runId, tenantId }, policy, patience: repair }),
  },
  restore: {
    type: 'restore',
    input: ({ runId, tenantId }, { policy }) => ({ run: { runId, tenantId }, policy, nextChunk: 1 }),
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
  try {
    await tools.client.withDeadline(Date.now() + tools.startMs, () => deliver(tools, message));
  } catch (error) {
    // Started already, or over already: in both cases somebody was faster, and nothing is left to do.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
      const reason = (error as Error).message;
      tools.log.warn(
        { runId: message.runId, attempts: message.attempts, reason },
        'a run could not be started; trying again',
      );
      await postpone(tools.pool, message, reason, tools.retryMs);
      return;
    }
  }
  await markStarted(tools.pool, message);
}

async function deliver(tools: RelayTools, message: RunToStart): Promise<void> {
  const { type, input } = workflows[message.kind];
  // What a run does waits on its own queue; what it decides is quick, and all runs decide on one.
  const policy = { ...tools.policy, taskQueue: `${tools.taskQueuePrefix}${message.taskQueue}` };
  const how = {
    workflowId: workflowIdOf(message.kind, message.runId),
    taskQueue: `${tools.taskQueuePrefix}${workflowQueue}`,
    args: [input(message, { ...tools, policy })],
    workflowIdReusePolicy: goesOn.has(message.kind)
      ? ('ALLOW_DUPLICATE_FAILED_ONLY' as const)
      : ('REJECT_DUPLICATE' as const),
  };
  switch (message.topic) {
    case 'start_run':
      await tools.client.workflow.start(type, { ...how, workflowIdConflictPolicy: 'FAIL' });
      return;
    case 'consent_decided':
      // Starting and telling in one: the message that starts the run may still be on its way.
      await tools.client.workflow.signalWithStart(type, { ...how, signal: 'consentDecided' });
      return;
    case 'repair_moved':
      await tools.client.workflow.signalWithStart(type, { ...how, signal: 'repairMoved' });
      return;
    case 'cancel_run':
    case 'retry_run':
    case 'confirm_run':
    case 'abandon_run':
      await tools.client.workflow.signalWithStart(type, { ...how, signal: 'runCommanded' });
      return;
  }
}
