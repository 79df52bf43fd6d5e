import { taskQueueFor } from '@groundcrew/domain';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { uuidV7 } from '../identifiers/uuid-v7.js';
import { partContext, type Sealer } from '../sealing.js';

const actor = 'service:automatic-registration';

/**
 * Makes a registration run of what devices said when they were asked for their hashes: one part, sealed like one that arrives.
 *
 * @param request the same request becomes one run
 * @param lines JSON Lines in the form of an order
 * @returns the run; null where the request became one before
 */
export async function submitCandidates(
  pool: pg.Pool,
  sealer: Sealer,
  tenantId: string,
  request: string,
  lines: readonly string[],
): Promise<string | null> {
  const runId = uuidV7(Date.now());
  const body = Buffer.from(lines.join('\n'));
  return inTenant(pool, tenantId, async (client) => {
    const { rowCount } = await client.query(
      `insert into registry.run (id, kind, tenant_id, task_queue, chunk_count, received, event_count, source_format, body_digest, defaults,
         requested_by)
       values ($1, 'automatic_registration', $2, $3, 1, $4, 1, 'jsonl', $5, $6, $7)
       on conflict (tenant_id, (defaults ->> 'request')) where kind = 'automatic_registration' do nothing`,
      [
        runId,
        tenantId,
        taskQueueFor(lines.length > 1 ? 2 : 1),
        lines.length,
        createHash('sha256').update(body).digest(),
        JSON.stringify({ request }),
        actor,
      ],
    );
    if (rowCount === 0) return null;
    await client.query(
      `insert into registry.intake (id, principal, tenant_id, accepted, lease_until) values ($1, $2, $3, true, clock_timestamp())`,
      [runId, actor, tenantId],
    );
    await client.query(
      `insert into registry.intake_part (intake_id, number, principal, first_line, line_count, body) values ($1, 1, $2, 1, $3, $4)`,
      [runId, actor, lines.length, sealer.seal(body, partContext(runId, 1))],
    );
    await client.query(
      `insert into registry.run_chunk (run_id, number, tenant_id, first_line, line_count) values ($1, 1, $2, 1, $3)`,
      [runId, tenantId, lines.length],
    );
    await client.query(
      `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3)`,
      [runId, tenantId, JSON.stringify({ received: lines.length, chunks: 1 })],
    );
    await client.query(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
    await client.query(
      `select registry.append_audit($1, $2, 'devices.convert', $3, $4::jsonb, null),
              pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $5)`,
      [tenantId, actor, `run/${runId}`, JSON.stringify({ candidates: lines.length }), runId],
    );
    return runId;
  });
}

/** Which of these are registered: by the registration that management knows them by, or by their serial number. */
export async function findRegisteredAmong(
  pool: pg.Pool,
  tenantId: string,
  registrationIds: readonly string[],
  serialNumbers: readonly string[],
): Promise<Set<string>> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ known: string }>(
      `select id::text as known from registry.device where tenant_id = $1 and id = any ($2::uuid[])
       union all
       select serial_number from registry.device where tenant_id = $1 and serial_number = any ($3::text[])`,
      [tenantId, registrationIds, serialNumbers],
    );
    return new Set(rows.map(({ known }) => known));
  });
}
