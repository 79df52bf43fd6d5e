import { isReversible } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { ledgerColumns, type DeviceStepKey, type LedgerDevice, type LedgerRow } from './ledger-device.js';
import { requestFresh } from './request-fresh.js';

/**
 * Takes up a step for the devices of the chunk that are due for it: what is asked is written down before anybody is asked. Devices
 * that were asked for before keep their key, so that a repetition is the same request.
 *
 * @returns whether the run was cancelled: then only devices that crossed the line before are still asked for
 */
export async function beginStep(
  pool: pg.Pool,
  key: DeviceStepKey,
): Promise<{ cancelled: boolean; devices: LedgerDevice[] }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const cancelled = isReversible(key.step) && (await isCancelled(client, key.runId));
    return { cancelled, devices: await beginStepIn(client, key, cancelled) };
  });
}

/** The same within a transaction of the caller's. @param onlyCrossed whether those before the line are left alone */
export async function beginStepIn(
  client: pg.PoolClient,
  key: DeviceStepKey,
  onlyCrossed = false,
): Promise<LedgerDevice[]> {
  return await requestDue(client, key, await lockDue(client, key, onlyCrossed));
}

/** The devices of the chunk that stand at the step, held still. */
export async function lockDue(client: pg.PoolClient, key: DeviceStepKey, onlyCrossed: boolean): Promise<LedgerRow[]> {
  const due = await client.query<LedgerRow>({
    name: 'due_devices',
    text: `select ${ledgerColumns}, s.request_key, s.state = 'accepted' as accepted, s.requested_at::text as requested_at,
             (extract(epoch from clock_timestamp() - s.requested_at) * 1000)::float8 as age_ms
           from registry.deregistration_device d
           left join registry.deregistration_step s
             on s.run_id = d.run_id and s.device_id = d.device_id and s.step = d.step and s.attempt = d.attempt
           where d.run_id = $1 and d.chunk = $2 and d.ended_at is null and d.state = 'going' and d.step = $3
             and not d.undoing and (not $4 or d.crossed_at is not null)
           order by d.device_id for update of d`,
    values: [key.runId, key.chunk, key.step, onlyCrossed],
  });
  return due.rows;
}

/** Writes down what is asked for of devices that are held still. */
export function requestDue(
  client: pg.PoolClient,
  key: DeviceStepKey,
  due: readonly LedgerRow[],
): Promise<LedgerDevice[]> {
  return requestFresh(client, key, key.step, due, (row) => row.attempt);
}

/** The neighbour has taken the request: people see that it is not ours to hurry any more. */
export async function acceptStep(
  pool: pg.Pool,
  key: DeviceStepKey,
  deviceIds: readonly string[],
  by: string,
): Promise<void> {
  await inTenant(pool, key.tenantId, async (client) => {
    await client.query({
      text: `update registry.deregistration_step s set state = 'accepted', accepted_at = clock_timestamp(), answered_by = $4
             from registry.deregistration_device d
             where d.run_id = $1 and d.device_id = any ($3::uuid[]) and s.run_id = d.run_id and s.device_id = d.device_id
               and s.step = $2 and s.attempt = d.attempt and s.state = 'requested'`,
      values: [key.runId, key.step, deviceIds, by],
    });
    await client.query({
      name: 'dereg_chunk_accepted',
      text: `update registry.run_step set state = 'accepted', accepted_at = coalesce(accepted_at, clock_timestamp())
             where run_id = $1 and step = $2 and chunk = $3 and device_id is null and state = 'requested'`,
      values: [key.runId, key.step, key.chunk],
    });
  });
}

/** Whether somebody asked that the run stops. */
export async function isCancelled(client: pg.PoolClient, runId: string): Promise<boolean> {
  const { rows } = await client.query<{ cancelled: boolean }>({
    name: 'dereg_cancelled',
    text: `select coalesce(commanded = 'cancel', false) as cancelled from registry.run where id = $1`,
    values: [runId],
  });
  return rows[0]?.cancelled ?? false;
}

/** The neighbour did not answer: why the chunk waits, and until when, is there to be read. */
export async function noteNeighbourFault(
  pool: pg.Pool,
  key: DeviceStepKey,
  why: string,
  nextTryMs: number,
): Promise<void> {
  await inTenant(pool, key.tenantId, async (client) => {
    await client.query({
      name: 'dereg_fault_of_chunk',
      text: `update registry.run_step set waiting_for = $4, next_try_at = clock_timestamp() + $5 * interval '1 millisecond'
             where run_id = $1 and step in ($2, 'undo_' || $2) and chunk = $3 and device_id is null and state <> 'observed'`,
      values: [key.runId, key.step, key.chunk, why, nextTryMs],
    });
    await client.query({
      name: 'dereg_fault_of_devices',
      text: `update registry.deregistration_device
             set waiting_for = $4, next_try_at = clock_timestamp() + $5 * interval '1 millisecond'
             where run_id = $1 and chunk = $2 and step = $3 and state = 'going'`,
      values: [key.runId, key.chunk, key.step, why, nextTryMs],
    });
  });
}
