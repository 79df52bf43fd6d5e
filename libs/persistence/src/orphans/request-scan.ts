import type { OrphanClass } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { askOf } from '../bulk/ask-of.js';
import { uuidV7 } from '../identifiers/uuid-v7.js';
import type { AskSql } from '../matching/candidate-index.js';

/**
 * Asks, in the caller's transaction, that a tenant's stores be compared. While a scan waits or runs, that one is the answer, unless
 * this one is to repair something.
 *
 * @param repair which classes the scan may repair by itself
 * @returns the run, and whether it is a new one
 */
export async function requestOrphanScan(
  ask: AskSql,
  tenantId: string,
  requestedBy: string,
  repair: readonly OrphanClass[] = [],
): Promise<{ runId: string; isNew: boolean }> {
  const runId = uuidV7(Date.now());
  const begun = await ask<{ id: string }>(
    `insert into registry.run
       (id, kind, tenant_id, task_queue, chunk_count, received, event_count, source_format, body_digest, defaults, requested_by)
     values ($1, 'orphan_scan', $2, 'bulk', 0, 0, 1, 'json', '', $3, $4)
     on conflict (tenant_id) where kind = 'orphan_scan' and state in ('accepted', 'running') do nothing
     returning id`,
    [runId, tenantId, JSON.stringify({ repair }), requestedBy],
  );
  if (begun.length === 0) {
    const [open] = await ask<{ id: string }>(
      `select id from registry.run where tenant_id = $1 and kind = 'orphan_scan' and state in ('accepted', 'running')`,
      [tenantId],
    );
    return open === undefined
      ? await requestOrphanScan(ask, tenantId, requestedBy, repair)
      : { runId: open.id, isNew: false };
  }
  await ask(`insert into registry.run_event (run_id, seq, tenant_id, kind) values ($1, 1, $2, 'run.accepted')`, [
    runId,
    tenantId,
  ]);
  await ask(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
  await ask(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [runId]);
  return { runId, isNew: true };
}

/** The same for a schedule, which has no caller: the audit chain names the service. */
export async function requestScheduledScan(pool: pg.Pool, tenantId: string): Promise<void> {
  await inTenant(pool, tenantId, async (client) => {
    const { runId, isNew } = await requestOrphanScan(askOf(client), tenantId, 'service:schedule');
    if (!isNew) return;
    await client.query(`select registry.append_audit($1, 'service:schedule', 'orphans.scan', $2, '{}'::jsonb, null)`, [
      tenantId,
      `run/${runId}`,
    ]);
  });
}

/** Active tenants, page by page: ids only. */
export async function listActiveTenants(pool: pg.Pool, after: string | null, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('select id from registry.active_tenants($1, $2) as id', [
    after,
    limit,
  ]);
  return rows.map((row) => row.id);
}
