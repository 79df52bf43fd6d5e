import { isClosed, runLifecycle, totalsOf, type RunEvent, type RunState, type VerdictCounts } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { recordProgress } from './progress.js';

export interface RunKey {
  runId: string;
  tenantId: string;
}

export interface LockedRun {
  state: RunState;
  chunk_count: number;
  received: number;
  counts: VerdictCounts;
}

/** Takes a run up. One that is closed already is left alone. */
export async function openRun(pool: pg.Pool, key: RunKey): Promise<{ closed: boolean; chunkCount: number }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    if (isClosed(run.state)) return { closed: true, chunkCount: run.chunk_count };
    if (run.state === 'accepted') await moveRun(client, key, run, 'start', 'run.started', {});
    return { closed: false, chunkCount: run.chunk_count };
  });
}

/**
 * Closes a run in which every row has its verdict. If the sum is not what was received, nothing is hidden: the run needs a
 * person's attention and says by how much it is off.
 */
export async function closeRun(
  pool: pg.Pool,
  key: RunKey,
): Promise<{ received: number; registered: number; rejected: number }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    const { decided, registered, rejected } = totalsOf(run.counts);
    const totals = { received: run.received, registered, rejected };
    if (isClosed(run.state)) return totals;
    if (decided === run.received) {
      await moveRun(client, key, run, 'complete', 'run.completed', totals);
    } else {
      await client.query('update registry.run set problem = $2 where id = $1', [
        key.runId,
        JSON.stringify({ code: 'run.rows-without-verdict', received: run.received, decided }),
      ]);
      await moveRun(client, key, run, 'park', 'run.needs_attention', { received: run.received, decided });
    }
    return totals;
  });
}

/** Holds a run still. Comes after every lock but the audit head's. */
export async function lockRun(client: pg.PoolClient, key: RunKey): Promise<LockedRun> {
  const { rows } = await client.query<LockedRun>({
    name: 'lock_run',
    text: 'select state, chunk_count, received, counts from registry.run where id = $1 for update',
    values: [key.runId],
  });
  if (rows[0] === undefined) throw new Error(`there is no run ${key.runId} in tenant ${key.tenantId}`);
  return rows[0];
}

/** Moves a run that is held locked, and says so to whoever watches. */
export async function moveRun(
  client: pg.PoolClient,
  key: RunKey,
  run: LockedRun,
  by: RunEvent,
  event: string,
  data: object,
): Promise<void> {
  const next = runLifecycle[run.state][by];
  if (next === undefined) throw new Error(`a run that is ${run.state} cannot ${by}`);
  await client.query({
    name: 'move_run',
    text: `update registry.run
           set state = $2,
               started_at = coalesce(started_at, case when $2 = 'running' then clock_timestamp() end),
               finished_at = case when $2 in ('completed', 'failed', 'cancelled') then clock_timestamp() end
           where id = $1`,
    values: [key.runId, next],
  });
  await recordProgress(client, key, {
    counts: {},
    event: { kind: event, data },
    audit: { action: event, data: { state: next, ...data } },
  });
}
