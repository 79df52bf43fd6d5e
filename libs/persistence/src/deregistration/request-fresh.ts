import type pg from 'pg';
import type { ChunkKey } from '../registration/open-chunk.js';
import { toLedgerDevice, type LedgerDevice, type LedgerRow } from './ledger-device.js';

/**
 * Writes down what is asked for of those devices that were not asked for before, under one key for all of them; the others keep
 * theirs, so that a repetition is the same request.
 *
 * @param name of the step, or of its undo
 * @param attemptOf which attempt it is of a device; null: the next one after those there are
 */
export async function requestFresh(
  client: pg.PoolClient,
  key: ChunkKey,
  name: string,
  rows: readonly LedgerRow[],
  attemptOf: (row: LedgerRow) => number | null,
): Promise<LedgerDevice[]> {
  const fresh = rows.filter((row) => row.request_key === null);
  const asked =
    fresh.length === 0
      ? null
      : await writeRequest(client, key, name, {
          deviceIds: fresh.map((row) => row.device_id),
          attempts: fresh.map(attemptOf),
        });
  return rows.map((row) => toLedgerDevice(row.request_key === null ? { ...row, ...asked } : row));
}

async function writeRequest(
  client: pg.PoolClient,
  key: ChunkKey,
  name: string,
  { deviceIds, attempts }: { deviceIds: string[]; attempts: (number | null)[] },
): Promise<RequestedStep> {
  const { rows } = await client.query<{ attempts: number }>({
    name: 'dereg_chunk_requested',
    text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices, attempts)
           values ($1, $2, $3, $4, 'requested', $5, 1)
           on conflict (run_id, step, chunk, device_id) do update
             set attempts = registry.run_step.attempts + 1, state = 'requested', observed_at = null,
                 devices = greatest(registry.run_step.devices, excluded.devices)
           returning attempts`,
    values: [key.runId, name, key.chunk, key.tenantId, deviceIds.length],
  });
  const batch = rows[0]!.attempts;
  // The first batch of a chunk has the plain key; what comes later is another set and so another request.
  const requestKey = `${key.runId}/${name}/${key.chunk}${batch === 1 ? '' : `.${batch}`}`;
  const asked = await client.query<{ requested_at: string }>({
    text: `insert into registry.deregistration_step (run_id, device_id, step, attempt, tenant_id, state, request_key, requested_at)
           select $1, w.device_id, $2, coalesce(w.attempt, 1 + coalesce((select max(x.attempt) from registry.deregistration_step x
             where x.run_id = $1 and x.device_id = w.device_id and x.step = $2), 0)), $3, 'requested', $4, now()
           from unnest($5::uuid[], $6::integer[]) as w (device_id, attempt) returning requested_at::text`,
    values: [key.runId, name, key.tenantId, requestKey, deviceIds, attempts],
  });
  return { request_key: requestKey, requested_at: asked.rows[0]!.requested_at, age_ms: 0 };
}

/** What a request that is written down now adds to its devices. */
type RequestedStep = Required<Pick<LedgerRow, 'request_key' | 'requested_at' | 'age_ms'>>;
