import type {
  AttentionCode,
  CourseState,
  DeregistrationPath,
  DeregistrationReason,
  LedgerState,
} from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** A deregistration as a whole. */
export interface DeregistrationRecord {
  run_id: string;
  plan_id: string;
  path: DeregistrationPath;
  reason: DeregistrationReason;
  grace_until: string | null;
  states: Partial<Record<CourseState, number>>;
  crossed: number;
  codes: Partial<Record<AttentionCode, number>>;
}

export async function findDeregistration(unit: Unit, runId: string): Promise<DeregistrationRecord | null> {
  const [found] = await unit.query<DeregistrationRecord>(
    `select g.run_id, g.plan_id, g.path, g.reason, g.grace_until,
       coalesce((select jsonb_object_agg(s.state, s.devices) from (select d.state, count(*) as devices
         from registry.deregistration_device d where d.run_id = g.run_id group by d.state) s), '{}') as states,
       (select count(d.crossed_at)::integer from registry.deregistration_device d where d.run_id = g.run_id) as crossed,
       coalesce((select jsonb_object_agg(s.code, s.devices) from (select d.code, count(*) as devices
         from registry.deregistration_device d where d.run_id = g.run_id and d.state = 'needs_attention' group by d.code) s), '{}') as codes
     from registry.deregistration g where g.run_id = $1`,
    [runId],
  );
  return found ?? null;
}

/** A device as its run's ledger shows it. */
export interface LedgerDeviceRecord {
  position: number;
  device_id: string;
  serial_number: string | null;
  managed_device_id: string | null;
  directory_object_id: string | null;
  user_name: string | null;
  chunk: number;
  state: CourseState;
  step: string;
  attempt: number;
  crossed_at: string | null;
  undoing: boolean;
  kept_because: string | null;
  code: AttentionCode | null;
  difference: string | null;
  waiting_for: string | null;
  next_try_at: string | null;
  ended_at: string | null;
}

export async function listLedgerDevices(
  unit: Unit,
  runId: string,
  state: CourseState | null,
  page: Keyset<number>,
): Promise<Slice<LedgerDeviceRecord>> {
  return sliceOf(
    await unit.query<LedgerDeviceRecord>(
      `select position, device_id, serial_number, managed_device_id, directory_object_id, user_name, chunk, state, step, attempt,
         crossed_at, undoing, kept_because, code, difference, waiting_for, next_try_at, ended_at
       from registry.deregistration_device
       where run_id = $1 and position > $2 and ($3::text is null or state = $3) order by position limit $4`,
      [runId, page.after ?? 0, state, page.limit + 1],
    ),
    page.limit,
  );
}

/** One step of one device in one attempt. */
export interface LedgerStepRecord {
  position: number;
  device_id: string;
  step: string;
  attempt: number;
  state: LedgerState;
  requested_at: string;
  accepted_at: string | null;
  observed_at: string | null;
  answered_by: string | null;
  next_try_at: string | null;
  why: string | null;
}

/** Where a page of the ledger goes on. */
export type LedgerKey = [position: number, requestedAt: string, step: string];

/** The whole ledger of a run, device by device in the order in which things were asked. */
export async function listLedgerSteps(
  unit: Unit,
  runId: string,
  deviceId: string | null,
  page: Keyset<LedgerKey>,
): Promise<Slice<LedgerStepRecord>> {
  const [position, requestedAt, step] = page.after ?? [0, '-infinity', ''];
  return sliceOf(
    await unit.query<LedgerStepRecord>(
      `select d.position, s.device_id, s.step, s.attempt, s.state, s.requested_at::text as requested_at, s.accepted_at, s.observed_at,
         s.answered_by, s.next_try_at, s.why
       from registry.deregistration_device d
       join registry.deregistration_step s on s.run_id = d.run_id and s.device_id = d.device_id
       where d.run_id = $1 and d.position >= $2 and ($5::uuid is null or d.device_id = $5)
         and (d.position, s.requested_at, s.step) > ($2, $3::timestamptz, $4)
       order by d.position, s.requested_at, s.step limit $6`,
      [runId, position, requestedAt, step, deviceId, page.limit + 1],
    ),
    page.limit,
  );
}

export function ledgerKeyOf(record: LedgerStepRecord): LedgerKey {
  return [record.position, record.requested_at, record.step];
}

/** Which devices a person resolves: these, or all that need attention for the same reason. */
export interface ResolvedDevices {
  deviceIds: readonly string[] | null;
  code: AttentionCode | null;
}

export interface AttentionDevice {
  device_id: string;
  state: CourseState;
  step: string;
  steps: string[];
  attempt: number;
  crossed: boolean;
  undoing: boolean;
}

/** The devices in question, held still. */
export async function lockAttention(unit: Unit, runId: string, which: ResolvedDevices): Promise<AttentionDevice[]> {
  return await unit.query<AttentionDevice>(
    `select device_id, state, step, steps, attempt, crossed_at is not null as crossed, undoing
     from registry.deregistration_device
     where run_id = $1 and ($2::uuid[] is null or device_id = any ($2::uuid[])) and ($3::text is null or code = $3)
       and (state = 'needs_attention' or $2::uuid[] is not null)
     order by device_id for update`,
    [runId, which.deviceIds, which.code],
  );
}
