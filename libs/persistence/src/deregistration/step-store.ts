import {
  endOf,
  hasEnded,
  isReversible,
  nextStep,
  theLine,
  type AttentionCode,
  type CourseState,
  type DeregistrationStep,
} from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import {
  ledgerColumns,
  toLedgerDevice,
  type LedgerDevice,
  type LedgerRow,
  type RequestedStep,
  type DeviceStepKey,
  type StepOutcome,
} from './ledger-device.js';
import { endDevices } from './end-devices.js';
import { recordChunk } from './record-chunk.js';

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
export async function requestDue(
  client: pg.PoolClient,
  key: DeviceStepKey,
  due: readonly LedgerRow[],
): Promise<LedgerDevice[]> {
  const fresh = due.filter((row) => row.request_key === null);
  const asked = fresh.length > 0 ? await requestSteps(client, key, fresh) : null;
  return due.map((row) => toLedgerDevice(row.request_key === null ? { ...row, ...asked } : row));
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

/** Writes down what was read back: who is done goes on, who is not waits or needs a person, and everybody can see why. */
export async function settleStep(
  pool: pg.Pool,
  key: DeviceStepKey,
  devices: readonly LedgerDevice[],
  outcomes: ReadonlyMap<string, StepOutcome>,
): Promise<void> {
  if (devices.length === 0) return;
  await inTenant(pool, key.tenantId, (client) => settle(client, key, devices, outcomes));
}

/**
 * The same within a transaction of the caller's.
 *
 * Statements over a set have no name: a named one is planned once for any set, as if it were small, and then compares each row of the
 * run with each of the set.
 */
export async function settle(
  client: pg.PoolClient,
  key: DeviceStepKey,
  devices: readonly LedgerDevice[],
  outcomes: ReadonlyMap<string, StepOutcome>,
): Promise<void> {
  const asked = devices.map((device) => moveOf(device, key.step, outcomes.get(device.deviceId)));
  // Somebody else may have been here: an attempt that was taken for dead. Who moved on since is left where he is.
  const moved = await writeDevices(client, key, asked);
  const moves = asked.filter(({ deviceId }) => moved.has(deviceId));
  if (moves.length === 0) return;
  await writeSteps(client, key, moves);
  const ended = moves.filter(({ state }) => hasEnded(state));
  const counts = await endDevices(client, key, ended);
  const waiting = moves.filter(({ stepState }) => stepState === null);
  const told: Record<string, number> = {};
  for (const { word } of moves) told[word] = (told[word] ?? 0) + 1;
  await client.query({
    name: 'dereg_chunk_settled',
    text: `update registry.run_step
           set state = case when $4 then 'observed' else state end,
               observed_at = case when $4 then clock_timestamp() else observed_at end,
               waiting_for = $5, next_try_at = case when $4 then null else clock_timestamp() + $6 * interval '1 millisecond' end
           where run_id = $1 and step = $2 and chunk = $3 and device_id is null`,
    values: [
      key.runId,
      key.step,
      key.chunk,
      waiting.length === 0,
      waiting[0]?.why ?? null,
      Math.min(...waiting.map(({ nextTryMs }) => nextTryMs), 86_400_000),
    ],
  });
  // What only waits changes nothing but its next try.
  if (waiting.length < moves.length)
    await recordChunk(client, key, `deregistration.${key.step}`, { chunk: key.chunk, ...told }, counts, moves);
}

interface Settled {
  deviceId: string;
  attempt: number;
  state: CourseState;
  step: DeregistrationStep;
  /** Null: it stays as it is. */
  stepState: 'observed' | 'refused' | null;
  /** Whether it stands at the step with a new attempt. */
  again: boolean;
  answeredBy: string | null;
  why: string | null;
  nextTryMs: number;
  keptBecause: string | null;
  difference: string | null;
  code: AttentionCode | null;
  word: 'observed' | 'waiting' | 'needsAttention' | 'again';
}

function moveOf(device: LedgerDevice, step: DeregistrationStep, outcome: StepOutcome | undefined): Settled {
  const stays = {
    deviceId: device.deviceId,
    attempt: device.attempt,
    again: false,
    state: 'going' as const,
    step: device.step,
    answeredBy: null,
    why: null,
    nextTryMs: 0,
    keptBecause: device.keptBecause,
    difference: null,
    code: null,
  };
  if (outcome === undefined)
    return { ...stays, stepState: null, word: 'waiting', why: 'no answer yet', nextTryMs: 1_000 };
  switch (outcome.kind) {
    case 'done': {
      const next = device.crossed && isBeforeOrAtLine(step) ? afterLine(device) : nextStep(device.steps, step);
      const keptBecause = outcome.keptBecause ?? device.keptBecause;
      const end = next === null ? endOf({ keptBecause, skipped: device.skipped }) : 'going';
      return {
        ...stays,
        state: end,
        step: next ?? step,
        again: next !== null,
        stepState: 'observed',
        answeredBy: outcome.answeredBy,
        why: outcome.note,
        keptBecause,
        word: 'observed',
      };
    }
    case 'waiting':
      return { ...stays, stepState: null, why: outcome.why, nextTryMs: outcome.nextTryMs, word: 'waiting' };
    case 'attention':
      return {
        ...stays,
        state: 'needs_attention',
        stepState: 'refused',
        answeredBy: outcome.answeredBy,
        why: outcome.difference,
        difference: outcome.difference,
        code: outcome.code,
        word: 'needsAttention',
      };
    case 'again':
      return { ...stays, step: outcome.step, stepState: 'refused', again: true, why: outcome.why, word: 'again' };
  }
}

/** A device that came back to an earlier step has been through the line already. */
function afterLine(device: LedgerDevice): DeregistrationStep {
  return device.steps[device.steps.indexOf(theLine) + 1]!;
}

function isBeforeOrAtLine(step: DeregistrationStep): boolean {
  return step === theLine || isReversible(step);
}

async function writeSteps(client: pg.PoolClient, key: DeviceStepKey, moves: readonly Settled[]): Promise<void> {
  await client.query({
    text: `update registry.deregistration_step s
           set state = coalesce(w.state, s.state),
               accepted_at = case when w.state = 'observed' then coalesce(s.accepted_at, clock_timestamp()) else s.accepted_at end,
               observed_at = case when w.state = 'observed' then clock_timestamp() end,
               answered_by = coalesce(w.answered_by, s.answered_by),
               why = w.why,
               next_try_at = case when w.state is null then clock_timestamp() + w.next_try_ms * interval '1 millisecond' end
           from unnest($3::uuid[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::float8[])
             as w (device_id, attempt, state, answered_by, why, next_try_ms)
           where s.run_id = $1 and s.device_id = w.device_id and s.step = $2 and s.attempt = w.attempt`,
    values: [
      key.runId,
      key.step,
      moves.map((move) => move.deviceId),
      moves.map((move) => move.attempt),
      moves.map((move) => move.stepState),
      moves.map((move) => move.answeredBy),
      moves.map((move) => move.why),
      moves.map((move) => move.nextTryMs),
    ],
  });
}

async function writeDevices(
  client: pg.PoolClient,
  key: DeviceStepKey,
  moves: readonly Settled[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ device_id: string }>({
    text: `update registry.deregistration_device d
           set state = w.state, step = w.step, kept_because = w.kept_because, difference = w.difference, code = w.code,
               -- A step that is due again goes on counting where its attempts ended.
               attempt = case when w.again then 1 + coalesce((select max(s.attempt) from registry.deregistration_step s
                   where s.run_id = d.run_id and s.device_id = d.device_id and s.step = w.step), 0)
                 else d.attempt end,
               waiting_for = case when w.next_try_ms > 0 then w.why end,
               next_try_at = case when w.next_try_ms > 0 then clock_timestamp() + w.next_try_ms * interval '1 millisecond' end
           from unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::float8[], $10::integer[], $11::text[], $12::text[])
             as w (device_id, state, step, again, kept_because, why, next_try_ms, attempt_now, difference, code)
           where d.run_id = $1 and d.device_id = w.device_id and d.state = 'going' and not d.undoing and d.step = $9 and d.attempt = w.attempt_now
           returning d.device_id`,
    values: [
      key.runId,
      moves.map((move) => move.deviceId),
      moves.map((move) => move.state),
      moves.map((move) => move.step),
      moves.map((move) => move.again),
      moves.map((move) => move.keptBecause),
      moves.map((move) => move.why),
      moves.map((move) => move.nextTryMs),
      key.step,
      moves.map((move) => move.attempt),
      moves.map((move) => move.difference),
      moves.map((move) => move.code),
    ],
  });
  return new Set(rows.map((row) => row.device_id));
}

/** Writes down what is asked for, under one key for all of them. */
async function requestSteps(
  client: pg.PoolClient,
  key: DeviceStepKey,
  fresh: readonly LedgerRow[],
): Promise<RequestedStep> {
  const { rows } = await client.query<{ attempts: number }>({
    name: 'dereg_chunk_requested',
    text: `insert into registry.run_step (run_id, step, chunk, tenant_id, state, devices, attempts)
           values ($1, $2, $3, $4, 'requested', $5, 1)
           on conflict (run_id, step, chunk, device_id) do update
             set attempts = registry.run_step.attempts + 1, state = 'requested', observed_at = null,
                 devices = greatest(registry.run_step.devices, excluded.devices)
           returning attempts`,
    values: [key.runId, key.step, key.chunk, key.tenantId, fresh.length],
  });
  const batch = rows[0]!.attempts;
  // The first batch of a chunk has the plain key; what comes later is another set and so another request.
  const requestKey = `${key.runId}/${key.step}/${key.chunk}${batch === 1 ? '' : `.${batch}`}`;
  const asked = await client.query<{ requested_at: string }>({
    text: `insert into registry.deregistration_step (run_id, device_id, step, attempt, tenant_id, state, request_key, requested_at)
           select $1, w.device_id, $2, w.attempt, $3, 'requested', $4, now() from unnest($5::uuid[], $6::integer[]) as w (device_id, attempt)
           returning requested_at::text`,
    values: [
      key.runId,
      key.step,
      key.tenantId,
      requestKey,
      fresh.map((row) => row.device_id),
      fresh.map((row) => row.attempt),
    ],
  });
  return { request_key: requestKey, requested_at: asked.rows[0]!.requested_at, age_ms: 0 };
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
