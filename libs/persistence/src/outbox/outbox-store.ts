import type { RunCommand, RunKind } from '@groundcrew/domain';
import type pg from 'pg';

/** The channel on which relays hear of new messages; they also look by themselves from time to time. */
export const outboxChannel = 'groundcrew_outbox';

/** What a message asks for: the run is started, or hears that what it waits for was decided or is over, or what a person told it. */
export type OutboxTopic = 'start_run' | 'consent_decided' | 'repair_moved' | `${RunCommand}_run`;

/** A run that waits to be started or told. */
export interface RunToStart {
  topic: OutboxTopic;
  messageId: string;
  runId: string;
  tenantId: string;
  kind: RunKind;
  taskQueue: 'interactive' | 'bulk';
  attempts: number;
}

/**
 * Claims messages for a lease. A relay that dies or freezes loses them when the lease is over; whoever takes them over does the same
 * thing again, which is harmless because the workflow's id is the run's.
 *
 * @param claim this relay's own mark
 */
export async function claimRunsToStart(
  pool: pg.Pool,
  claim: string,
  limit: number,
  leaseMs: number,
): Promise<RunToStart[]> {
  const { rows } = await pool.query({
    name: 'claim_runs_to_start',
    text: `with due as (
             select id from registry.outbox
             where done_at is null and next_try_at <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp())
             order by id limit $2 for update skip locked),
           claimed as (
             update registry.outbox o
             set claimed_by = $1, lease_until = clock_timestamp() + $3 * interval '1 millisecond', attempts = o.attempts + 1
             from due where o.id = due.id
             returning o.id, o.run_id, o.topic, o.attempts)
           select c.id, c.run_id, c.topic, c.attempts, r.tenant_id, r.kind, r.task_queue
           from claimed c join registry.run r on r.id = c.run_id order by c.id`,
    values: [claim, limit, leaseMs],
  });
  return rows.map((row) => ({
    topic: row.topic,
    messageId: row.id,
    runId: row.run_id,
    tenantId: row.tenant_id,
    kind: row.kind,
    taskQueue: row.task_queue,
    attempts: row.attempts,
  }));
}

/** The run was started, by us or by somebody before us. */
export async function markStarted(pool: pg.Pool, message: RunToStart): Promise<void> {
  await pool.query({
    name: 'mark_started',
    text: `update registry.outbox set done_at = coalesce(done_at, clock_timestamp()), claimed_by = null, lease_until = null, last_error = null
           where id = $1`,
    values: [message.messageId],
  });
}

/** The run could not be started: the reason stays readable, and the message is due again later. */
export async function postpone(pool: pg.Pool, message: RunToStart, reason: string, delayMs: number): Promise<void> {
  await pool.query({
    name: 'postpone',
    text: `update registry.outbox
           set claimed_by = null, lease_until = null, last_error = $2, next_try_at = clock_timestamp() + $3 * interval '1 millisecond'
           where id = $1 and done_at is null`,
    values: [message.messageId, reason.slice(0, 500), delayMs],
  });
}

/**
 * Has the open assignment runs started once more whose start is that long ago. One that is executed takes no notice of it; one whose
 * execution somebody terminated goes on where it stopped, and the tenant's later ones no longer wait behind it.
 *
 * @returns how many
 */
export async function startOpenAssignmentsAgain(pool: pg.Pool, sinceMs: number): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'start_open_assignments_again',
    text: `update registry.outbox o set done_at = null, next_try_at = clock_timestamp(), attempts = 0
           from registry.assignment_demand d
           where d.run_id = o.run_id and o.topic = 'start_run' and o.done_at < clock_timestamp() - $1 * interval '1 millisecond'`,
    values: [sinceMs],
  });
  return rowCount ?? 0;
}

/** Removes what nobody will come back for: bodies that were never accepted or are worked through, uploads and failed rows after their time, messages long done, and keys and leases that ran out. */
export async function sweepAbandoned(pool: pg.Pool): Promise<{ intakes: number; keys: number }> {
  const intakes = await pool.query(
    'delete from registry.intake where not accepted and lease_until < clock_timestamp()',
  );
  await pool.query(
    `delete from registry.intake i
     where accepted and lease_until < clock_timestamp() and not exists (select 1 from registry.intake_part p where p.intake_id = i.id)`,
  );
  await pool.query('delete from registry.upload where expires_at < clock_timestamp()');
  await pool.query('delete from registry.failed_rows where expires_at < clock_timestamp()');
  await pool.query('delete from registry.removed_registration where keep_until < clock_timestamp()');
  await pool.query(`delete from registry.outbox where done_at < clock_timestamp() - interval '7 days'`);
  const keys = await pool.query(
    `delete from registry.idempotency_key
     where (state = 'open' and lease_until < clock_timestamp()) or expires_at < clock_timestamp()`,
  );
  return { intakes: intakes.rowCount ?? 0, keys: keys.rowCount ?? 0 };
}
