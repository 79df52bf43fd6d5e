import type { StepState, Verdict } from '@groundcrew/domain';
import { DeviceOrderRow, RunItemRow, RunRow, type DeviceOrder, type Run, type RunItem } from '../rows/run.row.js';
import type { Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from './keyset.js';

export function findRun(unit: Unit, id: string): Promise<Run | null> {
  return unit.em.findOne(RunRow, { id });
}

/** Runs in the caller's scope, newest first: ids are ordered by time. */
export async function listRuns(unit: Unit, page: Keyset<string>): Promise<Slice<Run>> {
  const where = page.after === null ? {} : { id: { $lt: page.after } };
  return sliceOf(await unit.em.find(RunRow, where, { orderBy: { id: 'desc' }, limit: page.limit + 1 }), page.limit);
}

/** The rows of a run in the order of the file; where a verdict is asked for, only those. */
export async function listRunItems(
  unit: Unit,
  runId: string,
  verdict: Verdict | null,
  page: Keyset<number>,
): Promise<Slice<RunItem>> {
  const where = {
    runId,
    ...(verdict === null ? {} : { verdict }),
    ...(page.after === null ? {} : { line: { $gt: page.after } }),
  };
  return sliceOf(
    await unit.em.find(RunItemRow, where, { orderBy: { line: 'asc' }, limit: page.limit + 1 }),
    page.limit,
  );
}

/** One step of one chunk, or of one device where it deviates. */
export interface StepRecord {
  step: string;
  chunk: number;
  device_id: string | null;
  state: StepState;
  devices: number;
  attempts: number;
  requested_at: string;
  accepted_at: string | null;
  observed_at: string | null;
  waiting_for: string | null;
  next_try_at: string | null;
  detail: Record<string, unknown> | null;
}

/** Where a page of steps goes on. */
export type StepKey = [chunk: number, step: string, deviceId: string];

/** A step without a device stands before those that name one. */
const noDevice = '00000000-0000-0000-0000-000000000000';

export async function listRunSteps(unit: Unit, runId: string, page: Keyset<StepKey>): Promise<Slice<StepRecord>> {
  const [chunk, step, device] = page.after ?? [-1, '', noDevice];
  const found = await unit.query<StepRecord>(
    `select step, chunk, device_id, state, devices, attempts, requested_at, accepted_at, observed_at, waiting_for, next_try_at, detail
     from registry.run_step
     where run_id = $1 and (chunk, step, coalesce(device_id, $5::uuid)) > ($2::integer, $3::text, $4::uuid)
     order by chunk, step, coalesce(device_id, $5::uuid) limit $6`,
    [runId, chunk, step, device, noDevice, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/** The key of a step, to begin the next page after it. */
export function stepKeyOf(record: StepRecord): StepKey {
  return [record.chunk, record.step, record.device_id ?? noDevice];
}

/** Orders of a partner, newest first. */
export async function listOrders(
  unit: Unit,
  partnerId: string,
  filter: { tenantId?: string; batchId?: string },
  page: Keyset<string>,
): Promise<Slice<DeviceOrder>> {
  const where = { partnerId, ...filter, ...(page.after === null ? {} : { id: { $lt: page.after } }) };
  return sliceOf(
    await unit.em.find(DeviceOrderRow, where, { orderBy: { id: 'desc' }, limit: page.limit + 1 }),
    page.limit,
  );
}

export function findOrder(unit: Unit, partnerId: string, id: string): Promise<DeviceOrder | null> {
  return unit.em.findOne(DeviceOrderRow, { partnerId, id });
}

/** The runs of orders: an order groups them. */
export async function runIdsOfOrders(unit: Unit, orderIds: string[]): Promise<Map<string, string[]>> {
  const found = await unit.query<{ order_id: string; id: string }>(
    'select order_id, id from registry.run where order_id = any ($1::uuid[]) order by id',
    [orderIds],
  );
  const ids = new Map<string, string[]>(orderIds.map((id) => [id, []]));
  for (const row of found) ids.get(row.order_id)?.push(row.id);
  return ids;
}
