import { taskQueueFor } from '@groundcrew/domain';
import { reserveDevices, type HeldDevice } from '../exclusion/device-reservations.js';
import { RunRow, type Run } from '../rows/run.row.js';
import type { Unit } from '../scope/with-scope.js';

/** A restore that somebody asked for: all devices of a deregistration, or some of them. */
export interface RequestedRestore {
  runId: string;
  tenantId: string;
  deregistrationId: string;
  deviceIds: readonly string[] | null;
  requestedBy: string;
  bodyDigest: Buffer;
  chunkSize: number;
}

/**
 * Makes it a run, in the caller's transaction.
 *
 * @returns `nothing` where no device of it can be restored any more; or the devices that another run is working on
 */
export async function acceptRestore(
  unit: Unit,
  restore: RequestedRestore,
): Promise<'nothing' | { held: HeldDevice[] } | { run: Run }> {
  const found = await unit.query<{ device_id: string }>(
    `select device_id from registry.removed_registration
     where tenant_id = $1 and run_id = $2 and ($3::uuid[] is null or device_id = any ($3::uuid[])) and keep_until > now()
     order by device_id`,
    [restore.tenantId, restore.deregistrationId, restore.deviceIds],
  );
  const ids = found.map((row) => row.device_id);
  if (ids.length === 0) return 'nothing';
  const chunks = Math.ceil(ids.length / restore.chunkSize);
  await unit.change(
    `insert into registry.run (id, kind, tenant_id, task_queue, chunk_count, received, event_count, source_format, body_digest, requested_by)
     values ($1, 'restore', $2, $3, $4, $5, 1, 'json', $6, $7)`,
    [
      restore.runId,
      restore.tenantId,
      taskQueueFor(chunks),
      chunks,
      ids.length,
      restore.bodyDigest,
      restore.requestedBy,
    ],
  );
  const held = await reserveDevices(
    (sql, values) => unit.query(sql, values),
    { runId: restore.runId, tenantId: restore.tenantId, kind: 'restore' },
    ids,
  );
  if (held.length > 0) return { held };
  await unit.change(
    `insert into registry.restore_device (run_id, device_id, tenant_id, chunk, position)
     select $1, w.id, $2, (w.position - 1) / $4 + 1, w.position from unnest($3::uuid[]) with ordinality as w (id, position)`,
    [restore.runId, restore.tenantId, ids, restore.chunkSize],
  );
  await unit.change(
    `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3::jsonb)`,
    [
      restore.runId,
      restore.tenantId,
      JSON.stringify({ deregistrationId: restore.deregistrationId, devices: ids.length }),
    ],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [restore.runId]);
  await unit.query(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [restore.runId]);
  return { run: await unit.em.findOneOrFail(RunRow, { id: restore.runId }) };
}
