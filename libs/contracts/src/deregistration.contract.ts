import { z } from 'zod';
import {
  attentionCodes,
  courseStates,
  deregistrationPaths,
  deregistrationReasons,
  deregistrationSteps,
  fieldLimits,
  holdKinds,
  ledgerStates,
  planBlocks,
  resolutions,
} from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

const text = (most: number) => z.string().trim().min(1).max(most);
const serialNumber = text(fieldLimits.serialNumber);
const mostNamed = 50_000;

/** Asks for a plan. Devices are named one by one, or by a filter; a filter needs their number typed when it is executed. */
export const newDeregistrationPlan = z
  .strictObject({
    reason: z.enum(deregistrationReasons),
    path: z
      .enum(['tenant_admin', 'microsoft_365', 'opt_out'])
      .optional()
      .meta({ description: 'Left out: opt_out for that reason, else tenant_admin.' }),
    note: text(1000).optional(),
    deviceIds: z.array(identifier).max(mostNamed).optional(),
    serialNumbers: z.array(serialNumber).max(mostNamed).optional(),
    filter: z
      .strictObject({
        groupTag: text(fieldLimits.groupTag).optional(),
        purchaseOrderIdentifier: text(fieldLimits.purchaseOrderIdentifier).optional(),
        manufacturer: text(fieldLimits.manufacturer).optional(),
        model: text(fieldLimits.model).optional(),
      })
      .refine((filter) => Object.keys(filter).length > 0, 'A filter names at least one value.')
      .optional(),
  })
  .refine(
    ({ deviceIds, serialNumbers, filter }) =>
      filter === undefined ? (deviceIds?.length ?? 0) + (serialNumbers?.length ?? 0) > 0 : !deviceIds && !serialNumbers,
    'Name devices, or give a filter, and not both.',
  )
  .meta({ id: 'NewDeregistrationPlan' });
export type NewDeregistrationPlan = z.input<typeof newDeregistrationPlan>;

/** A partner's: registration only, by exact id. */
export const newPartnerDeregistrationPlan = z
  .strictObject({
    tenantId: identifier,
    reason: z.enum(deregistrationReasons),
    note: text(1000).optional(),
    deviceIds: z.array(identifier).min(1).max(mostNamed),
  })
  .meta({ id: 'NewPartnerDeregistrationPlan' });
export type NewPartnerDeregistrationPlan = z.input<typeof newPartnerDeregistrationPlan>;

/** Executes a plan as it was read. */
export const planExecution = z
  .strictObject({
    planId: identifier,
    typedCount: z.int().min(1).optional().meta({ description: 'The number of devices, where a filter chose them.' }),
    recoveryKeysReason: text(1000).optional().meta({ description: 'Why escrowed recovery keys may be lost.' }),
    graceSeconds: z.int().min(0).max(86_400).optional().meta({ description: "Left out: the tenant's." }),
  })
  .meta({ id: 'DeregistrationPlanExecution' });
export type PlanExecutionBody = z.input<typeof planExecution>;

/** What the one route takes: a wish for a plan, or a plan to execute. */
export const deregistrationBody = z.union([newDeregistrationPlan, planExecution]).meta({ id: 'DeregistrationBody' });

/** A partner executes its own plan for that customer. */
export const partnerPlanExecution = z
  .strictObject({ tenantId: identifier, planId: identifier })
  .meta({ id: 'PartnerDeregistrationPlanExecution' });
export type PartnerPlanExecutionBody = z.input<typeof partnerPlanExecution>;

/** What a partner's route takes: the same, for a customer. */
export const partnerDeregistrationBody = z
  .union([newPartnerDeregistrationPlan, partnerPlanExecution])
  .meta({ id: 'PartnerDeregistrationBody' });

export const deregistrationQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).optional().meta({ description: 'true freezes a plan and changes nothing else.' }),
});

export const deregistrationPlanView = z
  .strictObject({
    id: identifier,
    tenantId: identifier,
    partnerId: identifier.nullable(),
    path: z.enum(deregistrationPaths),
    reason: z.enum(deregistrationReasons),
    note: z.string().nullable(),
    devices: z.int(),
    byFilter: z.boolean(),
    blocked: z.int().meta({ description: 'Devices that something holds up: the plan cannot be executed with them.' }),
    losses: z.strictObject({ recoveryKeys: z.int(), assignedUsers: z.int() }),
    steps: z.array(
      z.strictObject({
        step: z.enum(deregistrationSteps),
        devices: z.int(),
        effect: z.string(),
        undo: z.string().nullable(),
        possibleUntil: z.string(),
        isTheLine: z.boolean(),
      }),
    ),
    remains: z.array(z.enum(['enrolment', 'directory_object'])),
    needs: z.array(z.string()).meta({ description: 'What executing it needs beyond its id.' }),
    estimateSeconds: z.int(),
    author: z.string(),
    approvedBy: z.string().nullable(),
    approvedAt: moment.nullable(),
    operationId: identifier.nullable(),
    createdAt: moment,
    expiresAt: moment,
  })
  .meta({ id: 'DeregistrationPlan' });
export type DeregistrationPlanView = z.infer<typeof deregistrationPlanView>;

export const planLineView = z
  .strictObject({
    position: z.int(),
    deviceId: identifier,
    serialNumber: z.string().nullable(),
    managedDeviceId: z.string().nullable(),
    directoryObjectId: z.string().nullable(),
    assignedUser: z.string().nullable(),
    recoveryKeys: z.int(),
    steps: z.array(z.enum(deregistrationSteps)),
    blocks: z.array(z.enum(planBlocks)),
    busyWith: identifier.nullable(),
  })
  .meta({ id: 'DeregistrationPlanDevice' });
export type PlanLineView = z.infer<typeof planLineView>;
export const planLinePage = pageOf('DeregistrationPlanDevicePage', planLineView);

/** A deregistration as a whole, with how many of its devices stand where. */
export const deregistrationView = z
  .strictObject({
    operationId: identifier,
    planId: identifier,
    path: z.enum(deregistrationPaths),
    reason: z.enum(deregistrationReasons),
    graceUntil: moment.nullable(),
    devices: z.partialRecord(z.enum(courseStates), z.int()),
    attention: z.partialRecord(z.enum(attentionCodes), z.int()),
    restored: z.int(),
    wentForward: z.int().meta({ description: 'Devices whose registration removal was sent.' }),
  })
  .meta({ id: 'Deregistration' });
export type DeregistrationView = z.infer<typeof deregistrationView>;

export const ledgerDeviceView = z
  .strictObject({
    position: z.int(),
    deviceId: identifier,
    serialNumber: z.string().nullable(),
    managedDeviceId: z.string().nullable(),
    directoryObjectId: z.string().nullable(),
    assignedUser: z.string().nullable(),
    chunk: z.int(),
    state: z.enum(courseStates),
    step: z.enum(deregistrationSteps),
    attempt: z.int(),
    crossedAt: moment.nullable(),
    goingBack: z.boolean(),
    keptBecause: z.string().nullable(),
    code: z.enum(attentionCodes).nullable(),
    difference: z.string().nullable(),
    waitingFor: z.string().nullable(),
    nextTryAt: moment.nullable(),
    endedAt: moment.nullable(),
  })
  .meta({ id: 'DeregistrationDevice' });
export type LedgerDeviceView = z.infer<typeof ledgerDeviceView>;
export const ledgerDevicePage = pageOf('DeregistrationDevicePage', ledgerDeviceView);
export const ledgerDeviceQuery = z.strictObject({ ...pageQuery, state: z.enum(courseStates).optional() });

export const ledgerStepView = z
  .strictObject({
    position: z.int(),
    deviceId: identifier,
    step: z.string(),
    attempt: z.int(),
    state: z.enum(ledgerStates),
    requestedAt: moment,
    acceptedAt: moment.nullable(),
    observedAt: moment.nullable(),
    answeredBy: z.string().nullable(),
    nextTryAt: moment.nullable(),
    why: z.string().nullable(),
  })
  .meta({ id: 'DeregistrationStep' });
export type LedgerStepView = z.infer<typeof ledgerStepView>;
export const ledgerStepPage = pageOf('DeregistrationStepPage', ledgerStepView);
export const ledgerStepQuery = z.strictObject({ ...pageQuery, deviceId: identifier.optional() });

/** What a person decides about devices that cannot go on: these, or all that need attention for the same reason. */
export const deviceResolution = z
  .strictObject({
    decision: z.enum(resolutions),
    reason: text(1000).optional(),
    deviceIds: z.array(identifier).min(1).max(10_000).optional(),
    code: z.enum(attentionCodes).optional(),
  })
  .refine(({ deviceIds, code }) => (deviceIds === undefined) !== (code === undefined), 'Name devices or a code.')
  .meta({ id: 'DeviceResolution' });
export type DeviceResolution = z.input<typeof deviceResolution>;

export const newRestoration = z
  .strictObject({ deviceIds: z.array(identifier).min(1).max(10_000).optional() })
  .meta({ id: 'NewRestoration' });
export type NewRestoration = z.input<typeof newRestoration>;

const guardShape = {
  mostPerRun: z.int().min(1).max(1_000_000),
  mostPerDay: z.int().min(1).max(1_000_000),
  secondPersonAbove: z.int().min(0).max(1_000_000),
  mostShrinkPercent: z.int().min(1).max(100),
  shrinkFloor: z.int().min(0).max(1_000_000),
  keepRecoveryKeys: z.boolean(),
  graceSeconds: z.int().min(0).max(86_400),
  planMinutes: z.int().min(1).max(10_080),
};
export const guardsView = z.strictObject({ ...guardShape, etag: z.string() }).meta({ id: 'DeregistrationGuards' });
export type GuardsView = z.infer<typeof guardsView>;
export const guardsChange = z.strictObject(guardShape).partial().meta({ id: 'DeregistrationGuardsChange' });
export type GuardsChange = z.input<typeof guardsChange>;

export const newHold = z.strictObject({ kind: z.enum(holdKinds), reason: text(1000) }).meta({ id: 'NewHold' });
export type NewHold = z.input<typeof newHold>;
export const holdView = z
  .strictObject({
    deviceId: identifier,
    kind: z.enum(holdKinds),
    reason: z.string(),
    placedBy: z.string(),
    placedAt: moment,
  })
  .meta({ id: 'DeviceHold' });
export type HoldView = z.infer<typeof holdView>;
