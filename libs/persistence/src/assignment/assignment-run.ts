import { isClosed } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { lockRun, moveRun, type RunKey } from '../registration/run-store.js';
import { beginRun, type AssignmentCauseKind } from './request-assignment.js';

/** What came of an assignment run, in devices. */
export interface AssignmentOutcome {
  devices: number;
  moved: number;
  unchanged: number;
  failed: number;
  gone: number;
  putBack: number;
  kept: number;
}

const nothing: AssignmentOutcome = { devices: 0, moved: 0, unchanged: 0, failed: 0, gone: 0, putBack: 0, kept: 0 };

/** How many causes the run's history names; the others are counted. */
const namedCauses = 20;

interface Cause {
  kind: AssignmentCauseKind;
  subject: string | null;
  everybody: boolean;
}

/**
 * Takes a run up: every change that waits becomes this run's, and the devices they can move are cut into chunks. A run that was asked
 * to stop before it began gets none. A run that is planned already is left as it is.
 */
export async function openAssignment(
  pool: pg.Pool,
  key: RunKey,
  chunkSize: number,
): Promise<{ closed: boolean; chunkCount: number }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    if (run.state !== 'accepted') return { closed: isClosed(run.state), chunkCount: run.chunk_count };
    const causes = await takeCauses(client, key);
    const { chunkCount, devices } =
      run.commanded === 'cancel' ? { chunkCount: 0, devices: 0 } : await planChunks(client, key, causes, chunkSize);
    await client.query('update registry.run set chunk_count = $2, received = $3 where id = $1', [
      key.runId,
      chunkCount,
      devices,
    ]);
    await moveRun(client, key, run, 'start', 'run.started', {
      devices,
      chunks: chunkCount,
      causes: causes.slice(0, namedCauses).map(({ kind, subject }) => ({ kind, subject })),
      ...(causes.length > namedCauses && { furtherCauses: causes.length - namedCauses }),
    });
    return { closed: false, chunkCount };
  });
}

/**
 * Closes a run whose chunks are done, or says that what it wrote must be put back first, because somebody asked it to stop. Changes
 * that came meanwhile begin the next run, in the same transaction.
 */
export async function closeAssignment(
  pool: pg.Pool,
  key: RunKey,
): Promise<{ putBackFirst: boolean; outcome: AssignmentOutcome }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    const { open, unfinished, outcome } = await sumUp(client, key);
    if (isClosed(run.state)) return { putBackFirst: false, outcome };
    const cancelled = run.commanded === 'cancel';
    if (cancelled && open > 0) return { putBackFirst: true, outcome };
    if (!cancelled && unfinished > 0) throw new Error(`${unfinished} chunks of run ${key.runId} are not done`);
    await client.query('update registry.run set outcome = $2 where id = $1', [key.runId, JSON.stringify(outcome)]);
    const next = await beginNext(client, key);
    const closing = { ...outcome, ...(next !== null && { next }) };
    if (cancelled) await moveRun(client, key, run, 'cancel', 'run.cancelled', closing);
    else await moveRun(client, key, run, 'complete', 'run.completed', closing);
    return { putBackFirst: false, outcome };
  });
}

/** Holds the demand row, so that a change that is being made now is either seen here or finds that this run has begun. */
async function takeCauses(client: pg.PoolClient, key: RunKey): Promise<Cause[]> {
  await client.query('select 1 from registry.assignment_demand where tenant_id = $1 for update', [key.tenantId]);
  const { rows } = await client.query<Cause>(
    `with taken as (
       update registry.assignment_cause set run_id = $2 where tenant_id = $1 and run_id is null
       returning generation, kind, subject, device_ids is null and of_run is null as everybody)
     select kind, subject, everybody from taken order by generation`,
    [key.tenantId, key.runId],
  );
  return rows;
}

async function planChunks(
  client: pg.PoolClient,
  key: RunKey,
  causes: readonly Cause[],
  chunkSize: number,
): Promise<{ chunkCount: number; devices: number }> {
  const { rows } = await client.query<{ chunks: number; devices: number }>(
    `with affected as (${causes.some(({ everybody }) => everybody) ? everyDevice : devicesOfCauses}),
          cut as (select id, (row_number() over (order by id) - 1) / $3 + 1 as number from affected),
          planned as (
            insert into registry.assignment_chunk (run_id, number, tenant_id, device_ids)
            select $2, number, $1, array_agg(id order by id) from cut group by number
            returning cardinality(device_ids) as devices)
     select count(*)::integer as chunks, coalesce(sum(devices), 0)::integer as devices from planned`,
    [key.tenantId, key.runId, chunkSize],
  );
  return { chunkCount: rows[0]!.chunks, devices: rows[0]!.devices };
}

const everyDevice = 'select d.id from registry.device d where d.tenant_id = $1';

/** The devices that the causes name, and those that the runs they name have registered; as far as they are still there. */
const devicesOfCauses = `
  select d.id from registry.device d
  where d.tenant_id = $1 and d.id in (
    select unnest(c.device_ids) from registry.assignment_cause c where c.run_id = $2
    union
    select unnest(k.device_ids) from registry.assignment_cause c join registry.run_chunk k on k.run_id = c.of_run
    where c.run_id = $2)`;

async function sumUp(
  client: pg.PoolClient,
  key: RunKey,
): Promise<{ open: number; unfinished: number; outcome: AssignmentOutcome }> {
  const { rows } = await client.query<{ open: number; unfinished: number; outcome: Partial<AssignmentOutcome> }>(
    `select count(*) filter (where state in ('written', 'observed', 'put_back'))::integer as open,
            count(*) filter (where state in ('planned', 'written', 'put_back'))::integer as unfinished,
            (select coalesce(jsonb_object_agg(s.name, s.devices), '{}') from (
               select o.key as name, sum(o.value::integer) as devices
               from registry.assignment_chunk k cross join jsonb_each_text(k.outcome) o where k.run_id = $1 group by o.key) s) as outcome
     from registry.assignment_chunk where run_id = $1`,
    [key.runId],
  );
  const { open, unfinished, outcome } = rows[0]!;
  return { open, unfinished, outcome: { ...nothing, ...outcome } };
}

/** @returns the run that begins because something changed while this one was under way */
async function beginNext(client: pg.PoolClient, key: RunKey): Promise<string | null> {
  await client.query('update registry.assignment_demand set run_id = null where tenant_id = $1 and run_id = $2', [
    key.tenantId,
    key.runId,
  ]);
  const { rows } = await client.query<{ requested_by: string }>(
    `select requested_by from registry.assignment_cause where tenant_id = $1 and run_id is null order by generation limit 1`,
    [key.tenantId],
  );
  return rows[0] === undefined ? null : await beginRun(askOf(client), key.tenantId, rows[0].requested_by);
}
