import { takenBackBefore, type DeregistrationStep } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import { endDevices } from './end-devices.js';
import {
  ledgerColumns,
  toLedgerDevice,
  type LedgerDevice,
  type LedgerRow,
  type DeviceStepKey,
} from './ledger-device.js';
import { recordChunk } from './record-chunk.js';
import { requestFresh } from './request-fresh.js';
import { isCancelled } from './step-store.js';

/** What was read back of an undo: it is as it was, or exactly what is not. */
export type UndoOutcome =
  { kind: 'undone'; answeredBy: string; note: string | null } | { kind: 'difference'; difference: string };

/** A device whose step is taken back. */
export interface DeviceToUndo extends LedgerDevice {
  /** Keys under which the step was asked for and not seen to take effect: it still may. */
  openKeys: string[];
}

/** The name under which the undo of a step stands in the ledger. */
export function undoName(step: DeregistrationStep): string {
  return `undo_${step}`;
}

/** Of a device `d`: one of these steps was, or may have been, asked for and is not taken back. */
const stands = (steps: string): string => `exists (select from registry.deregistration_step a
  where a.run_id = d.run_id and a.device_id = d.device_id and a.step = any (${steps}::text[])
    and a.state in ('requested', 'accepted', 'observed', 'refused'))`;

/**
 * Takes up the undo of a step for the devices of the chunk that are before the line and were, or may have been, asked for it. What is
 * asked is written down first, under a key of its own.
 *
 * A device that a person sent back while its chunk was at an earlier step is left for the next round: the last act is taken back first.
 */
export async function beginUndo(pool: pg.Pool, key: DeviceStepKey): Promise<DeviceToUndo[]> {
  return inTenant(pool, key.tenantId, async (client) => {
    await markUndoing(client, key);
    const taken = await client.query<LedgerRow & { open_keys: string[] }>({
      name: 'dereg_to_undo',
      text: `select ${ledgerColumns}, u.request_key, u.state = 'accepted' as accepted,
               u.requested_at::text as requested_at,
             (extract(epoch from clock_timestamp() - u.requested_at) * 1000)::float8 as age_ms,
             array(select s.request_key from registry.deregistration_step s where s.run_id = d.run_id and s.device_id = d.device_id
               and s.step = $3 and s.state in ('requested', 'accepted', 'refused')) as open_keys
             from registry.deregistration_device d
             left join registry.deregistration_step u on u.run_id = d.run_id and u.device_id = d.device_id and u.step = $4
               and u.attempt = (select max(x.attempt) from registry.deregistration_step x
                                where x.run_id = d.run_id and x.device_id = d.device_id and x.step = $4)
               and u.state in ('requested', 'accepted')
             where d.run_id = $1 and d.chunk = $2 and d.undoing and d.state = 'going' and d.crossed_at is null
               and ${stands('array[$3]')} and not ${stands('$5')}
             order by d.device_id for update of d`,
      values: [key.runId, key.chunk, key.step, undoName(key.step), takenBackBefore(key.step)],
    });
    const devices = await requestFresh(client, key, undoName(key.step), taken.rows, () => null);
    return devices.map((device, index) => ({ ...device, openKeys: taken.rows[index]!.open_keys }));
  });
}

/** The neighbour has taken the request to take it back. */
export async function acceptUndo(
  pool: pg.Pool,
  key: DeviceStepKey,
  deviceIds: readonly string[],
  by: string,
): Promise<void> {
  await inTenant(pool, key.tenantId, (client) =>
    client.query({
      text: `update registry.deregistration_step set state = 'accepted', accepted_at = clock_timestamp(), answered_by = $4
             where run_id = $1 and step = $2 and device_id = any ($3::uuid[]) and state = 'requested'`,
      values: [key.runId, undoName(key.step), deviceIds, by],
    }),
  );
}

/** Writes down what was read back: what was asked is taken back, or the device needs attention with the difference. */
export async function settleUndo(
  pool: pg.Pool,
  key: DeviceStepKey,
  outcomes: ReadonlyMap<string, UndoOutcome>,
): Promise<void> {
  if (outcomes.size === 0) return;
  const ids = [...outcomes.keys()];
  const each = [...outcomes.values()];
  const differences = each.map((outcome) => (outcome.kind === 'difference' ? outcome.difference : null));
  await inTenant(pool, key.tenantId, async (client) => {
    await client.query({
      text: `update registry.deregistration_step u
             set state = case when w.difference is null then 'observed' else 'refused' end,
                 accepted_at = coalesce(u.accepted_at, clock_timestamp()), answered_by = w.answered_by,
                 observed_at = case when w.difference is null then clock_timestamp() end, why = coalesce(w.difference, w.note)
             from unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) as w (device_id, difference, answered_by, note)
             where u.run_id = $1 and u.device_id = w.device_id and u.step = $2 and u.state in ('requested', 'accepted')`,
      values: [
        key.runId,
        undoName(key.step),
        ids,
        differences,
        each.map((outcome) => (outcome.kind === 'undone' ? outcome.answeredBy : null)),
        each.map((outcome) => (outcome.kind === 'undone' ? outcome.note : null)),
      ],
    });
    await client.query({
      text: `update registry.deregistration_step s set state = 'undone', next_try_at = null
             from unnest($3::uuid[], $4::text[]) as w (device_id, difference)
             where s.run_id = $1 and s.device_id = w.device_id and s.step = $2 and w.difference is null`,
      values: [key.runId, key.step, ids, differences],
    });
    await client.query({
      text: `update registry.deregistration_device d set state = 'needs_attention', code = 'not_as_before', difference = w.difference, waiting_for = null
             from unnest($2::uuid[], $3::text[]) as w (device_id, difference)
             where d.run_id = $1 and d.device_id = w.device_id and w.difference is not null and d.state = 'going'`,
      values: [key.runId, ids, differences],
    });
    await closeUndoOfChunk(client, key);
    const undone = differences.filter((difference) => difference === null).length;
    await recordChunk(
      client,
      key,
      `deregistration.${undoName(key.step)}`,
      { chunk: key.chunk, undone, needsAttention: ids.length - undone },
      {},
      ids.map((deviceId, index) => ({ deviceId, state: differences[index] === null ? 'undone' : 'needs_attention' })),
    );
  });
}

/** When every device of the chunk has its answer, the chunk's undo waits for nobody any more. */
async function closeUndoOfChunk(client: pg.PoolClient, key: DeviceStepKey): Promise<void> {
  await client.query({
    name: 'dereg_undo_of_chunk',
    text: `with asked as (
             select u.state from registry.deregistration_step u
             join registry.deregistration_device d on d.run_id = u.run_id and d.device_id = u.device_id
             where u.run_id = $1 and u.step = $2 and d.chunk = $3)
           update registry.run_step
           set state = case when exists (select from asked where state = 'refused') then 'refused' else 'observed' end,
               observed_at = clock_timestamp(), waiting_for = null, next_try_at = null
           where run_id = $1 and step = $2 and chunk = $3 and device_id is null
             and not exists (select from asked where state in ('requested', 'accepted'))`,
    values: [key.runId, undoName(key.step), key.chunk],
  });
}

/** Devices of the chunk whose undos are all through, and that are now to be compared with what they were. */
export async function loadUndone(pool: pg.Pool, key: ChunkKey): Promise<(LedgerDevice & { registered: boolean })[]> {
  return inTenant(pool, key.tenantId, async (client) => {
    await markUndoing(client, key);
    const { rows } = await client.query<LedgerRow & { registered: boolean }>({
      name: 'dereg_undone',
      text: `select ${ledgerColumns}, r.id is not null as registered
             from registry.deregistration_device d
             left join registry.device r on r.tenant_id = d.tenant_id and r.id = d.device_id
             where d.run_id = $1 and d.chunk = $2 and d.undoing and d.state = 'going' and d.crossed_at is null
               and not ${stands('$3')}
             order by d.device_id`,
      values: [key.runId, key.chunk, takenBackBefore(null)],
    });
    return rows.map((row) => ({ ...toLedgerDevice(row), registered: row.registered }));
  });
}

/** Ends what is as it was; what is not needs a person. @param differences of devices that are not as they were */
export async function settleRestored(
  pool: pg.Pool,
  key: ChunkKey,
  deviceIds: readonly string[],
  differences: ReadonlyMap<string, string>,
): Promise<void> {
  if (deviceIds.length === 0) return;
  await inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query<{ device_id: string; state: 'restored' | 'needs_attention' }>({
      text: `update registry.deregistration_device d
             set state = case when w.difference is null then 'restored' else 'needs_attention' end, difference = w.difference,
                 code = case when w.difference is not null then 'not_as_before' end,
                 waiting_for = null, next_try_at = null
             from unnest($2::uuid[], $3::text[]) as w (device_id, difference)
             where d.run_id = $1 and d.device_id = w.device_id and d.undoing and d.state = 'going' and d.crossed_at is null
             returning d.device_id, d.state`,
      values: [key.runId, deviceIds, deviceIds.map((id) => differences.get(id) ?? null)],
    });
    if (rows.length === 0) return;
    const moved = rows.map((row) => ({ deviceId: row.device_id, state: row.state }));
    const restored = moved.filter(({ state }) => state === 'restored');
    const counts = await endDevices(client, key, restored);
    const told = { chunk: key.chunk, restored: restored.length, needsAttention: moved.length - restored.length };
    await recordChunk(client, key, 'deregistration.restored', told, counts, moved);
  });
}

/** In a cancelled run everything before the line goes back; else what a person gave up. */
async function markUndoing(client: pg.PoolClient, key: ChunkKey): Promise<void> {
  if (!(await isCancelled(client, key.runId))) return;
  await client.query({
    name: 'dereg_mark_undoing',
    text: `update registry.deregistration_device set undoing = true, state = 'going', next_try_at = null
           where run_id = $1 and chunk = $2 and crossed_at is null and not undoing and state in ('going', 'needs_attention')`,
    values: [key.runId, key.chunk],
  });
}
