import {
  guardReplacement,
  isClosed,
  removingKinds,
  replacementAsks,
  runLifecycle,
  totalsOf,
  type RunCommand,
  type ReplacementPreview,
  type RunEvent,
  type RunKind,
  type RunState,
  type VerdictCounts,
} from '@groundcrew/domain';
import type pg from 'pg';
import { planRemoval, previewReplacement } from '../orders/plan-removal.js';
import { requestAssignment } from '../assignment/request-assignment.js';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { forgetArchived } from '../restore/archive-registrations.js';
import { forgetValidated } from './only-decide.js';
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
  commanded: RunCommand | null;
  kind: RunKind;
  validate_only: boolean;
  replacement: Replacement | null;
}

/** What a replacement would take away, whether somebody said yes to it, and whether it is under way. */
type Replacement = ReplacementPreview & { confirmed?: boolean; planned?: boolean };

/** How a run stands after its totals were taken: over, waiting for a person, or about to be taken back. */
export type Standing = 'closed' | 'parked' | 'cancelling';

/** Takes a run up, or up again. One that is closed already is left alone; one that was told something does it. */
export async function openRun(
  pool: pg.Pool,
  key: RunKey,
): Promise<{ closed: boolean; chunkCount: number; cancelling: boolean }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    const cancelling = run.commanded === 'cancel' || takesAway(run);
    const opened = { closed: isClosed(run.state), chunkCount: run.chunk_count, cancelling };
    if (run.state === 'accepted') {
      if (run.kind === 'order_void') opened.chunkCount = await planRemoval(client, key, 'all');
      await moveRun(client, key, run, 'start', 'run.started', {});
    }
    if (run.state !== 'needs_attention') return opened;
    if (run.commanded === 'abandon') {
      await assignRegistered(client, key, run);
      await moveRun(client, key, run, 'fail', 'run.abandoned', {});
      return { ...opened, closed: true };
    }
    if (run.commanded !== null && run.commanded !== 'cancel') {
      // Heard, so that it is not heard again; and nothing is wrong any more until it is found to be.
      await client.query(
        `update registry.run set commanded = null, problem = null,
           replacement = case when $2 then replacement || '{"confirmed": true}' else replacement end where id = $1`,
        [key.runId, run.commanded === 'confirm'],
      );
      await moveRun(client, key, run, 'resume', 'run.resumed', { command: run.commanded });
    }
    return opened;
  });
}

/** Whether registrations of its order go away through this run. */
function takesAway({ kind, replacement }: LockedRun): boolean {
  return removingKinds.includes(kind as never) || replacement?.planned === true;
}

/**
 * Closes a run in which every row has its verdict. If the sum is not what was received, nothing is hidden: the run needs a
 * person's attention and says by how much it is off. A run that is cancelled closes when all its chunks are taken back.
 */
export async function closeRun(
  pool: pg.Pool,
  key: RunKey,
): Promise<{ received: number; registered: number; rejected: number; standing: Standing }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    const { decided, registered, rejected } = totalsOf(run.counts);
    const totals = { received: run.received, registered, rejected };
    if (isClosed(run.state)) return { ...totals, standing: 'closed' };
    await forgetValidated(client, key.runId);
    if (run.commanded === 'cancel') {
      if (await somethingStands(client, key)) return { ...totals, standing: 'cancelling' };
      await forgetArchived(client, key);
      await assignRegistered(client, key, run);
      await moveRun(client, key, run, 'cancel', 'run.cancelled', totals);
      return { ...totals, standing: 'closed' };
    }
    if (decided === run.received) {
      const replacing = await replaceRest(client, key, run);
      if (replacing !== null) return { ...totals, standing: replacing };
      // Only a run that is not over can be cancelled.
      if (takesAway(run)) await forgetArchived(client, key);
      await assignRegistered(client, key, run);
      await moveRun(client, key, run, 'complete', 'run.completed', totals);
      return { ...totals, standing: 'closed' };
    }
    if (run.state !== 'needs_attention') {
      const problem = { code: 'run.rows-without-verdict', received: run.received, decided };
      await parkRun(client, key, run, problem);
    }
    return { ...totals, standing: 'parked' };
  });
}

/**
 * The rows of a replacement are decided: what they do not name of the order is taken away, unless that is so much that a person has
 * to look at it first. @returns null where nothing is left to do
 */
async function replaceRest(client: pg.PoolClient, key: RunKey, run: LockedRun): Promise<Standing | null> {
  if (run.kind !== 'order_replacement' || run.replacement?.planned === true) return null;
  const preview = await previewReplacement(client, key);
  const confirmed = run.replacement?.confirmed === true;
  const planned = !run.validate_only && preview.removes > 0 && guardReplacement(preview, confirmed) === 'go';
  await client.query('update registry.run set replacement = $2::jsonb where id = $1', [
    key.runId,
    JSON.stringify({ ...preview, confirmed, planned }),
  ]);
  if (planned) {
    await planRemoval(client, key, 'not_named');
    return 'cancelling';
  }
  if (run.validate_only || preview.removes === 0) return null;
  if (run.state !== 'needs_attention') await parkRun(client, key, run, { code: replacementAsks, ...preview });
  return 'parked';
}

/** Leaves a run that is held locked to a person, with what that person has to know. */
export async function parkRun(
  client: pg.PoolClient,
  key: RunKey,
  run: LockedRun,
  problem: { code: string } & Record<string, unknown>,
): Promise<void> {
  await client.query('update registry.run set problem = $2 where id = $1', [key.runId, JSON.stringify(problem)]);
  const { code: _, ...facts } = problem;
  await moveRun(client, key, run, 'park', 'run.needs_attention', facts);
}

/** What a run registered is due a profile, however the run ended: one assignment for all of it, not one per chunk. */
async function assignRegistered(client: pg.PoolClient, { runId, tenantId }: RunKey, run: LockedRun): Promise<void> {
  if ((run.counts.registered ?? 0) === 0) return;
  await requestAssignment(askOf(client), tenantId, {
    kind: 'registration',
    subject: runId,
    requestedBy: 'service:worker',
    devices: { ofRun: runId },
  });
}

/** Whether a cancelled run has something left to take back, or to put back. */
async function somethingStands(client: pg.PoolClient, key: RunKey): Promise<boolean> {
  const { rows } = await client.query<{ stands: boolean }>(
    `select exists (select 1 from registry.run_chunk where run_id = $1 and state <> 'put_back'
       and (state <> 'released' or (takes_away and cardinality(device_ids) > 0))) as stands`,
    [key.runId],
  );
  return rows[0]!.stands;
}

/** Holds a run still. Comes after every lock but the audit head's. */
export async function lockRun(client: pg.PoolClient, key: RunKey): Promise<LockedRun> {
  const { rows } = await client.query<LockedRun>({
    name: 'lock_run',
    text: 'select state, chunk_count, received, counts, commanded, kind, validate_only, replacement from registry.run where id = $1 for update',
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
