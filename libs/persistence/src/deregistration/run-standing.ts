import {
  cancelReport,
  deregistrationSteps,
  isClosed,
  type CourseState,
  type DeregistrationPath,
  type DeregistrationStep,
  type RunEvent,
} from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { endDevices } from './end-devices.js';
import { recordChunk } from './record-chunk.js';
import { lockRun, moveRun, type RunKey } from '../registration/run-store.js';

/** How a deregistration begins, or goes on after its worker died. */
export interface OpenedDeregistration {
  closed: boolean;
  path: DeregistrationPath;
  /** What is left of the window in which nothing is done yet, in milliseconds. */
  graceMs: number;
}

/** Takes the run up. A run that was cancelled within its window waits no longer. */
export async function openDeregistration(pool: pg.Pool, key: RunKey): Promise<OpenedDeregistration> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    const { rows } = await client.query<{ path: DeregistrationPath; grace_ms: number }>({
      name: 'dereg_open',
      text: `select d.path, case when coalesce(r.commanded = 'cancel', false) then 0
               else greatest(0, coalesce(extract(epoch from d.grace_until - clock_timestamp()) * 1000, 0))::float8 end as grace_ms
             from registry.deregistration d join registry.run r on r.id = d.run_id where d.run_id = $1`,
      values: [key.runId],
    });
    if (rows[0] === undefined) throw new Error(`run ${key.runId} deregisters nothing`);
    const { path, grace_ms: graceMs } = rows[0];
    if (run.state === 'accepted') await moveRun(client, key, run, 'start', 'run.started', { graceMs });
    return { closed: isClosed(run.state), path, graceMs: Math.ceil(graceMs) };
  });
}

/** What is due, and for which steps: the same as the workflow's. */
export interface DueDevices {
  chunk: number;
  undo: boolean;
  steps: DeregistrationStep[];
}

export type RunStanding =
  | { closed: true; totals: { devices: number; restored: number; wentForward: number } }
  | { closed: false; due: DueDevices[] };

/** What is left to do of a run; where that is nothing, it is closed, and where only a person can help, it says so. */
export async function standingOf(pool: pg.Pool, key: RunKey, each: 'chunk' | 'step'): Promise<RunStanding> {
  return inTenant(pool, key.tenantId, async (client) => {
    await endResolved(client, key);
    const open = await client.query<{ chunk: number; undo: boolean; steps: DeregistrationStep[][] | null }>({
      name: 'dereg_due',
      text: `with due as (
               select d.chunk, d.step, d.steps,
                 d.crossed_at is null and (d.undoing or coalesce(r.commanded = 'cancel', false)) as undo
               from registry.deregistration_device d join registry.run r on r.id = d.run_id
               where d.run_id = $1 and d.ended_at is null and (d.state = 'going'
                 or (d.state = 'needs_attention' and d.crossed_at is null and not d.undoing and coalesce(r.commanded = 'cancel', false))))
             select chunk, undo, jsonb_agg(distinct to_jsonb(steps[array_position(steps, step):])) as steps
             from due group by chunk, undo, case when $2 and not undo then step end order by chunk`,
      values: [key.runId, each === 'step'],
    });
    const due = open.rows.map(({ chunk, undo, steps }) => ({ chunk, undo, steps: undo ? [] : inOrder(steps ?? []) }));
    if (each === 'chunk' && due.length > 0) return { closed: false, due: mergeChunks(due) };
    return await closeOrPark(client, key, due);
  });
}

/** Devices that a person ended are ended here: who did the work knows that it is over. */
async function endResolved(client: pg.PoolClient, key: RunKey): Promise<void> {
  const { rows } = await client.query<{ device_id: string; state: CourseState; chunk: number }>({
    name: 'dereg_resolved',
    text: `select device_id, state, chunk from registry.deregistration_device
           where run_id = $1 and ended_at is null and state in ('abandoned', 'skipped') order by device_id for update`,
    values: [key.runId],
  });
  if (rows.length === 0) return;
  const ended = rows.map((row) => ({ deviceId: row.device_id, state: row.state }));
  const chunk = { ...key, chunk: rows[0]!.chunk };
  const counts = await endDevices(client, chunk, ended);
  await recordChunk(client, chunk, 'deregistration.resolved', { ended: ended.length }, counts, ended);
}

async function closeOrPark(client: pg.PoolClient, key: RunKey, due: DueDevices[]): Promise<RunStanding> {
  const run = await lockRun(client, key);
  const { rows } = await client.query<{
    state: CourseState;
    devices: number;
    crossed: number;
    open: number;
    cancelled: boolean;
  }>({
    name: 'dereg_states',
    text: `select d.state, count(*)::integer as devices, count(d.crossed_at)::integer as crossed,
             count(*) filter (where d.ended_at is null)::integer as open,
             bool_or(coalesce(r.commanded = 'cancel', false)) as cancelled
           from registry.deregistration_device d join registry.run r on r.id = d.run_id where d.run_id = $1 group by d.state`,
    values: [key.runId],
  });
  const counts = Object.fromEntries(rows.map(({ state, devices }) => [state, devices])) as Partial<
    Record<CourseState, number>
  >;
  const crossed = rows.reduce((sum, row) => sum + row.crossed, 0);
  const totals = { devices: rows.reduce((sum, row) => sum + row.devices, 0), ...cancelReport(counts, crossed) };
  if (isClosed(run.state)) return { closed: true, totals };
  const attention = counts.needs_attention ?? 0;
  // What a person has decided meanwhile is ended in the next look: the message that tells of it is on its way.
  if (rows.every(({ open }) => open === 0)) {
    const cancelled = rows.some((row) => row.cancelled);
    // Who was parked goes on before he ends, so that the run's states tell the story.
    if (run.state === 'needs_attention') await move('resume', 'run.resumed', {});
    await move(cancelled ? 'cancel' : 'complete', cancelled ? 'run.cancelled' : 'run.completed', {
      ...totals,
      ...counts,
    });
    return { closed: true, totals };
  }
  if (due.length === 0 && attention > 0 && run.state === 'running') {
    await client.query('update registry.run set problem = $2 where id = $1', [
      key.runId,
      JSON.stringify({ code: 'deregistration.needs-attention', devices: attention }),
    ]);
    await move('park', 'run.needs_attention', { devices: attention });
  } else if (due.length > 0 && run.state === 'needs_attention') {
    await client.query('update registry.run set problem = null where id = $1', [key.runId]);
    await move('resume', 'run.resumed', {});
  }
  return { closed: false, due };

  async function move(by: RunEvent, event: string, data: object): Promise<void> {
    await moveRun(client, key, run, by, event, data);
    if (by === 'resume') run.state = 'running';
  }
}

/** The steps ahead of several devices, in their one order. */
function inOrder(ahead: DeregistrationStep[][]): DeregistrationStep[] {
  const steps = new Set(ahead.flat());
  return deregistrationSteps.filter((step) => steps.has(step));
}

function mergeChunks(due: DueDevices[]): DueDevices[] {
  const chunks = new Map<number, DueDevices>();
  for (const entry of due) {
    const before = chunks.get(entry.chunk);
    chunks.set(entry.chunk, {
      chunk: entry.chunk,
      undo: entry.undo || (before?.undo ?? false),
      steps: inOrder([entry.steps, before?.steps ?? []]),
    });
  }
  return [...chunks.values()];
}
