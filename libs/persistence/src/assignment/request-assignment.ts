import { uuidV7 } from '../identifiers/uuid-v7.js';
import type { AskSql } from '../matching/candidate-index.js';

/** What kind of change can move profiles. */
export type AssignmentCauseKind =
  'registration' | 'group' | 'profile' | 'device' | 'deregistration' | 'restore' | 'repair';

/** A change after which devices may be due another profile. */
export interface AssignmentCause {
  kind: AssignmentCauseKind;
  /** The group, profile, device or run that changed. */
  subject: string | null;
  /** Who made the change, as the audit chain names him. */
  requestedBy: string;
  /** Which devices may move: these, or those that a run registered. Every device of the tenant where it is left out. */
  devices?: readonly string[] | { ofRun: string };
}

/**
 * Asks, inside the transaction of a change, that the tenant's devices be looked at again. Many changes become one run: while one waits
 * to begin it will see this change, too; while one is under way the next begins when it ends.
 *
 * Called after everything else but the audit entry: it holds the tenant's demand row, which comes after run rows and before the audit
 * head.
 *
 * @param ask in the scope of the tenant, as the API or the worker
 * @returns the run that is open now
 */
export async function requestAssignment(ask: AskSql, tenantId: string, cause: AssignmentCause): Promise<string> {
  const [demand] = await ask<{ generation: string; run_id: string | null }>(
    `insert into registry.assignment_demand as d (tenant_id, generation) values ($1, 1)
     on conflict (tenant_id) do update set generation = d.generation + 1
     returning generation, run_id`,
    [tenantId],
  );
  const { devices } = cause;
  await ask(
    `insert into registry.assignment_cause (tenant_id, generation, kind, subject, device_ids, of_run, requested_by)
     values ($1, $2, $3, $4, $5::uuid[], $6, $7)`,
    [
      tenantId,
      demand!.generation,
      cause.kind,
      cause.subject,
      isList(devices) ? devices : null,
      devices === undefined || isList(devices) ? null : devices.ofRun,
      cause.requestedBy,
    ],
  );
  return demand!.run_id ?? (await beginRun(ask, tenantId, cause.requestedBy));
}

/**
 * Writes a run with its first event and the message that starts it, and makes it the tenant's open one. The caller holds the demand
 * row.
 */
export async function beginRun(ask: AskSql, tenantId: string, requestedBy: string): Promise<string> {
  const runId = uuidV7(Date.now());
  await ask(
    `insert into registry.run (id, kind, tenant_id, task_queue, chunk_count, received, event_count, source_format, body_digest, requested_by)
     values ($1, 'assignment', $2, 'bulk', 0, 0, 1, 'json', '', $3)`,
    [runId, tenantId, requestedBy],
  );
  await ask(`insert into registry.run_event (run_id, seq, tenant_id, kind) values ($1, 1, $2, 'run.accepted')`, [
    runId,
    tenantId,
  ]);
  await ask(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
  await ask('update registry.assignment_demand set run_id = $2 where tenant_id = $1', [tenantId, runId]);
  await ask(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [runId]);
  return runId;
}

function isList(devices: AssignmentCause['devices']): devices is readonly string[] {
  return Array.isArray(devices);
}
