import type { VerdictCounts } from '@groundcrew/domain';
import type pg from 'pg';
import type { RejectedRow } from './chunk-decision.js';

/** Rows with a verdict of their own, as people will read them. */
export async function insertItems(
  client: pg.PoolClient,
  run: { runId: string; tenantId: string },
  rows: readonly RejectedRow[],
): Promise<void> {
  await client.query({
    name: 'insert_items',
    text: `insert into registry.run_item (run_id, line, tenant_id, verdict, detail)
           select $1, w.line, $2, w.verdict, w.detail
           from unnest($3::integer[], $4::text[], $5::jsonb[]) as w (line, verdict, detail)`,
    values: [
      run.runId,
      run.tenantId,
      rows.map((row) => row.line),
      rows.map((row) => row.verdict),
      rows.map((row) => (row.detail === null ? null : JSON.stringify(row.detail))),
    ],
  });
}

export interface Progress {
  /** Verdicts given in this transaction. */
  counts: VerdictCounts;
  event: { kind: string; data: object };
  audit: { action: string; data: object };
}

/**
 * Adds to the run's counters, numbers the event under the run row's lock, and seals it in the audit chain. Called last before
 * commit: these are the rows that everybody wants.
 */
export async function recordProgress(
  client: pg.PoolClient,
  run: { runId: string; tenantId: string },
  progress: Progress,
): Promise<void> {
  await client.query({
    name: 'record_progress',
    text: `with counted as (
             update registry.run r
             set counts = (select coalesce(jsonb_object_agg(s.verdict, s.rows), '{}') from (
                   select each.key as verdict, sum(each.value::integer) as rows
                   from (select * from jsonb_each_text(r.counts) union all select * from jsonb_each_text($3::jsonb)) as each
                   group by each.key) as s),
                 event_count = r.event_count + 1,
                 version = r.version + 1
             where r.id = $1
             returning r.event_count)
           insert into registry.run_event (run_id, seq, tenant_id, kind, data)
           select $1, counted.event_count, $2, $4, $5::jsonb from counted`,
    values: [
      run.runId,
      run.tenantId,
      JSON.stringify(progress.counts),
      progress.event.kind,
      JSON.stringify(progress.event.data),
    ],
  });
  await client.query({
    name: 'audit_run',
    text: `select registry.append_audit($1, $2, $3, $4, $5::jsonb, null), pg_notify('groundcrew_run_event', $6)`,
    values: [
      run.tenantId,
      'service:worker',
      progress.audit.action,
      `run/${run.runId}`,
      JSON.stringify(progress.audit.data),
      run.runId,
    ],
  });
}
