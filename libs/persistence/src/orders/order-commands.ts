import { taskQueueFor, type RunKind } from '@groundcrew/domain';
import { RunRow, type Run } from '../rows/run.row.js';
import type { Unit } from '../scope/with-scope.js';

const devicesPerChunk = 1_000;

/** A run that takes devices of an order away. */
export interface RemovalOfOrder {
  runId: string;
  kind: Extract<RunKind, 'order_void' | 'order_return'>;
  tenantId: string;
  partnerId: string;
  orderId: string;
  requestedBy: string;
  bodyDigest: Buffer;
  /** The devices by their exact ids; none where the run takes the whole order and finds them when it starts. */
  deviceIds: readonly string[];
}

/** Writes the run down with the devices it names; the message in the outbox is what will start it. */
export async function acceptRemoval(unit: Unit, removal: RemovalOfOrder): Promise<Run> {
  const { runId, tenantId, deviceIds } = removal;
  const chunks = Math.ceil(deviceIds.length / devicesPerChunk);
  await unit.change(
    `insert into registry.run (id, kind, tenant_id, partner_id, order_id, task_queue, chunk_count, received, event_count, source_format,
       body_digest, requested_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 1, 'json', $9, $10)`,
    [
      runId,
      removal.kind,
      tenantId,
      removal.partnerId,
      removal.orderId,
      removal.kind === 'order_void' ? 'bulk' : taskQueueFor(chunks),
      chunks,
      deviceIds.length,
      removal.bodyDigest,
      removal.requestedBy,
    ],
  );
  await unit.change(
    `insert into registry.run_chunk (run_id, number, tenant_id, first_line, line_count, state, takes_away, lines, device_ids)
     select $1, 1 + (place - 1) / ${devicesPerChunk}, $2, min(place), count(*)::integer, 'planned', true,
       array_agg(place order by place),
       array_agg(id order by place)
     from (select w.id, w.place::integer as place from unnest($3::uuid[]) with ordinality as w (id, place)) as named
     group by (place - 1) / ${devicesPerChunk}`,
    [runId, tenantId, [...deviceIds]],
  );
  await unit.change(
    `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3::jsonb)`,
    [runId, tenantId, JSON.stringify({ received: deviceIds.length, orderId: removal.orderId })],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
  await unit.query(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [runId]);
  return await unit.em.findOneOrFail(RunRow, { id: runId });
}
