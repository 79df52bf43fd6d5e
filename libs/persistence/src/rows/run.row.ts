import type { OsFamily, RunCommand, RunKind, RunState, StepState, Verdict, VerdictCounts } from '@groundcrew/domain';
import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

export const DeviceOrderRow = defineEntity({
  name: 'DeviceOrderRow',
  schema: 'registry',
  tableName: 'device_order',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    partnerId: p.uuid(),
    purchaseOrder: p.text().nullable(),
    batchId: p.text().nullable(),
    createdAt: p.datetime(),
  },
});
export type DeviceOrder = InferEntity<typeof DeviceOrderRow>;

/** What a run was sent as. */
export type SourceFormat = 'json' | 'jsonl' | 'csv';

/** What rows get that do not say it themselves. */
export interface RunDefaults {
  purchaseOrderIdentifier?: string;
  groupTag?: string;
  /** What the devices run, where their sender declares it. */
  osFamily?: OsFamily;
}

export const RunRow = defineEntity({
  name: 'RunRow',
  schema: 'registry',
  tableName: 'run',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<RunKind>(),
    tenantId: p.uuid(),
    partnerId: p.uuid().nullable(),
    orderId: p.uuid().nullable(),
    state: p.text().$type<RunState>(),
    taskQueue: p.text().$type<'interactive' | 'bulk'>(),
    chunkCount: p.integer(),
    received: p.integer(),
    counts: p.json<VerdictCounts>(),
    eventCount: p.integer(),
    sourceFormat: p.text().$type<SourceFormat>(),
    bodyDigest: p.blob(),
    csvHeader: p.text().nullable(),
    defaults: p.json<RunDefaults>(),
    requestedBy: p.text(),
    validateOnly: p.boolean(),
    problem: p.json<Record<string, unknown>>().nullable(),
    commanded: p.text().$type<RunCommand>().nullable(),
    outcome: p.json<Record<string, number>>(),
    replacement: p.json<{ removes: number; of: number; confirmed?: boolean; planned?: boolean }>().nullable(),
    takenBack: p.json<{ undone: number; putBack?: number }>().nullable(),
    createdAt: p.datetime(),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    version: p.integer(),
  },
});
export type Run = InferEntity<typeof RunRow>;

/** What a verdict says beyond its name. */
export interface ItemDetail {
  field?: string;
  /** What exactly, where the verdict does not say it. */
  code?: string;
  message?: string;
  /** The line this one repeats. */
  repeats?: number;
  /** The device it is already registered as, where that is the tenant's own. */
  deviceId?: string;
  /** The run that is working on the device. */
  runId?: string;
  /** No partner registered that device: its id is for the tenant, and not for a partner. */
  registeredByTenant?: true;
}

export const RunItemRow = defineEntity({
  name: 'RunItemRow',
  schema: 'registry',
  tableName: 'run_item',
  properties: {
    runId: p.uuid().primary(),
    line: p.integer().primary(),
    tenantId: p.uuid(),
    verdict: p.text().$type<Verdict>(),
    deviceId: p.uuid().nullable(),
    detail: p.json<ItemDetail>().nullable(),
    takenBackAt: p.datetime().nullable(),
  },
});
export type RunItem = InferEntity<typeof RunItemRow>;

export const RunStepRow = defineEntity({
  name: 'RunStepRow',
  schema: 'registry',
  tableName: 'run_step',
  properties: {
    runId: p.uuid().primary(),
    step: p.text().primary(),
    chunk: p.integer().primary(),
    deviceId: p.uuid().nullable(),
    tenantId: p.uuid(),
    state: p.text().$type<StepState>(),
    devices: p.integer(),
    attempts: p.integer(),
    requestedAt: p.datetime(),
    acceptedAt: p.datetime().nullable(),
    observedAt: p.datetime().nullable(),
    waitingFor: p.text().nullable(),
    nextTryAt: p.datetime().nullable(),
  },
});
export type RunStep = InferEntity<typeof RunStepRow>;
