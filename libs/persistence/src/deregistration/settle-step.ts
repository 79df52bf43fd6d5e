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
import { endDevices } from './end-devices.js';
import type { DeviceStepKey, LedgerDevice, StepOutcome } from './ledger-device.js';
import { recordChunk } from './record-chunk.js';

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
      const end = next === null ? endOf({ keptBecause, skipped: device.skippedSteps.length > 0 }) : 'going';
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
