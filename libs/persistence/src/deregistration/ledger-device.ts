import type { AttentionCode, CourseState, DeregistrationStep } from '@groundcrew/domain';
import type { ChunkKey } from '../registration/open-chunk.js';

/** One step of one chunk of a deregistration. */
export interface DeviceStepKey extends ChunkKey {
  step: DeregistrationStep;
}

/** A device as its ledger knows it: where it stands, and what was captured of it before the first delete. */
export interface LedgerDevice {
  deviceId: string;
  step: DeregistrationStep;
  steps: DeregistrationStep[];
  attempt: number;
  version: number;
  serialNumber: string | null;
  managedDeviceId: string | null;
  userId: string | null;
  userName: string | null;
  directoryObjectId: string | null;
  computerObjectId: string | null;
  crossed: boolean;
  /** Steps that a person skipped, with a reason: nobody goes back to them. */
  skippedSteps: DeregistrationStep[];
  keptBecause: string | null;
  /** Under which key the neighbour is asked; all devices of one key are asked for together. */
  requestKey: string;
  accepted: boolean;
  /** When the step was first requested in this attempt, as the database writes it. */
  requestedAt: string;
  /** Since the step was first requested in this attempt, in milliseconds. */
  ageMs: number;
}

/** The columns of a device in the ledger, for `toLedgerDevice`. */
export const ledgerColumns = `d.device_id, d.step, d.steps, d.attempt, d.version, d.serial_number, d.managed_device_id, d.user_id,
  d.user_name, d.directory_object_id, d.computer_object_id, d.crossed_at is not null as crossed, d.kept_because,
  case when d.skipped then array(select distinct w.step from registry.deregistration_step w
    where w.run_id = d.run_id and w.device_id = d.device_id and w.state = 'skipped') else '{}' end as skipped_steps`;

export interface LedgerRow {
  device_id: string;
  step: DeregistrationStep;
  steps: DeregistrationStep[];
  attempt: number;
  version: number;
  serial_number: string | null;
  managed_device_id: string | null;
  user_id: string | null;
  user_name: string | null;
  directory_object_id: string | null;
  computer_object_id: string | null;
  crossed: boolean;
  skipped_steps: DeregistrationStep[];
  kept_because: string | null;
  request_key?: string | null;
  accepted?: boolean | null;
  requested_at?: string | null;
  age_ms?: number | null;
}

export function toLedgerDevice(row: LedgerRow): LedgerDevice {
  return {
    deviceId: row.device_id,
    step: row.step,
    steps: row.steps,
    attempt: row.attempt,
    version: row.version,
    serialNumber: row.serial_number,
    managedDeviceId: row.managed_device_id,
    userId: row.user_id,
    userName: row.user_name,
    directoryObjectId: row.directory_object_id,
    computerObjectId: row.computer_object_id,
    crossed: row.crossed,
    skippedSteps: row.skipped_steps,
    keptBecause: row.kept_because,
    requestKey: row.request_key ?? '',
    accepted: row.accepted ?? false,
    requestedAt: row.requested_at ?? '',
    ageMs: row.age_ms ?? 0,
  };
}

/** What was read back of a device's step. */
export type StepOutcome =
  /** Its effect was observed. */
  | { kind: 'done'; answeredBy: string; note: string | null; keptBecause?: string }
  /** Not yet; it is looked at again then. */
  | { kind: 'waiting'; why: string; nextTryMs: number }
  /** It cannot go on without a person. */
  | { kind: 'attention'; code: AttentionCode; difference: string; answeredBy: string | null }
  /** It came back: an earlier step is due again, with a new attempt. */
  | { kind: 'again'; step: DeregistrationStep; why: string };

/** Where a device goes from a step that was settled. */
export interface Move {
  deviceId: string;
  state: CourseState;
  step: DeregistrationStep;
}
