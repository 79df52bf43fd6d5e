import { z } from 'zod';
import { orderRowFields, runKinds, stepStates, verdictNames, type MonitorStatus } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

const monitorStatuses = ['NotStarted', 'Running', 'Succeeded', 'Failed', 'Canceled'] as const satisfies MonitorStatus[];

/** The monitor of a run. Source: interfaces-security.md 2.1. */
export const runView = z
  .strictObject({
    id: identifier,
    kind: z.enum(runKinds),
    status: z.enum(monitorStatuses),
    subStatus: z.enum(['CompletedWithErrors', 'NeedsAttention', 'Compensating', 'Compensated']).nullable(),
    done: z.boolean(),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    tenantId: identifier.nullable().meta({ description: "Null where a run has no tenant: a maker's upload." }),
    partnerId: identifier.nullable(),
    orderId: identifier.nullable(),
    validateOnly: z.boolean().meta({ description: 'Rows get their verdicts and nothing is registered.' }),
    received: z.int(),
    decided: z.int(),
    registered: z.int().meta({
      description: 'Rows whose device the run registered. What else became of rows as was wished stands in `verdicts`.',
    }),
    rejected: z.int().meta({ description: 'Rows that did not end as the sender wished.' }),
    verdicts: z.partialRecord(z.enum(verdictNames), z.int()),
    outcome: z
      .record(z.string(), z.int())
      .meta({ description: 'Devices by what became of them, where a run has no rows and so no verdicts.' }),
    problem: z.record(z.string(), z.unknown()).nullable(),
    compensation: z
      .strictObject({
        undone: z.int().meta({ description: 'Devices that this run had registered and that are gone again.' }),
        kept: z
          .int()
          .meta({ description: 'Devices that were registered before this run and that it left as they are.' }),
        left: z
          .int()
          .nullable()
          .meta({ description: 'Devices of this run that somebody else had taken over before; known at the end.' }),
        putBack: z
          .int()
          .meta({ description: 'Devices that this run had taken away and that are registered again as they were.' }),
        wentForward: z.int().nullable().meta({
          description: 'Devices that stay away, because they cannot come back; their steps say why. Known at the end.',
        }),
      })
      .nullable()
      .meta({ description: 'What a cancelled run took back; null where it was not cancelled.' }),
    replacement: z
      .strictObject({
        removes: z.int().meta({ description: 'Devices of the order that the new rows do not name.' }),
        of: z.int().meta({ description: 'Devices that the order had.' }),
      })
      .nullable()
      .meta({ description: 'What a replacement takes away, once its rows are decided.' }),
    links: z.strictObject({
      self: z.string(),
      items: z.string(),
      corrections: z.string(),
      steps: z.string(),
      events: z.string(),
      temporal: z.string().optional().meta({ description: "The run in Temporal's own UI, for operators." }),
    }),
  })
  .meta({ id: 'Operation' });
export type RunView = z.infer<typeof runView>;
export const runPage = pageOf('OperationPage', runView);

/** The final word on one row of an order. */
export const runItemView = z
  .strictObject({
    line: z.int(),
    verdict: z.enum(verdictNames),
    accepted: z.boolean(),
    deviceId: identifier.nullable(),
    number: z.int().nullable().meta({ description: "The modelled service's error number, where it has one." }),
    name: z.string().nullable().meta({ description: "The modelled service's error name, where it has one." }),
    next: z.string().meta({ description: 'What the sender does next.' }),
    field: z.enum(orderRowFields).nullable(),
    code: z.string().nullable().meta({ description: 'What exactly, where the verdict does not say it.' }),
    message: z.string().nullable(),
    repeats: z.int().nullable().meta({ description: 'The line this one repeats.' }),
    operationId: identifier.nullable().meta({ description: 'The run that is working on the device.' }),
    takenBackAt: moment
      .nullable()
      .meta({ description: 'When what this row did was taken back, because the run was cancelled.' }),
  })
  .meta({ id: 'OperationItem' });
export type RunItemView = z.infer<typeof runItemView>;
export const runItemPage = pageOf('OperationItemPage', runItemView);
export const runItemQuery = z.strictObject({ ...pageQuery, verdict: z.enum(verdictNames).optional() });

export const runStepView = z
  .strictObject({
    step: z.string(),
    chunk: z.int(),
    deviceId: identifier.nullable(),
    state: z.enum(stepStates),
    devices: z.int(),
    attempts: z.int(),
    requestedAt: moment,
    acceptedAt: moment.nullable(),
    observedAt: moment.nullable(),
    waitingFor: z.string().nullable(),
    nextTryAt: moment.nullable(),
    detail: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What the step found, or why it was refused.' }),
  })
  .meta({ id: 'OperationStep' });
export type RunStepView = z.infer<typeof runStepView>;
export const runStepPage = pageOf('OperationStepPage', runStepView);

/** One event of a run, numbered within it without a gap. */
export const runEventView = z
  .strictObject({
    runId: identifier,
    seq: z.int(),
    kind: z.string(),
    at: moment,
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OperationEvent' });
export type RunEventView = z.infer<typeof runEventView>;

/** Why a person stops a run. */
export const cancellation = z
  .strictObject({ reason: z.string().trim().min(1).max(500).optional() })
  .meta({ id: 'Cancellation' });

/** What a person decides about a run that needs one. */
export const resolution = z
  .strictObject({
    decision: z.enum(['retry', 'confirm', 'abandon']),
    reason: z.string().trim().min(1).max(500),
  })
  .meta({ id: 'Resolution' });
