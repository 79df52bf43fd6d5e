import type { DeviceToUndo, LedgerDevice, StepOutcome, UndoOutcome } from '@groundcrew/persistence/without-orm';
import type { DirectoryPort, ManagementPort } from '@groundcrew/subsystems';
import type pg from 'pg';

/** What the steps are driven with. */
export interface StepTools {
  /** The registry. */
  pool: pg.Pool;
  directory: DirectoryPort;
  management: ManagementPort;
}

/** How one step is asked for and read back. Both take a set, and both may be repeated. */
export interface StepDriver {
  /** Whose answer it is. */
  by: string;
  /** Asks; the devices of one key always are the same. */
  request(key: string, tenantId: string, devices: readonly LedgerDevice[]): Promise<void>;
  /** Reads back. A device that is left out is waited for. */
  observe(tenantId: string, devices: readonly LedgerDevice[]): Promise<Map<string, StepOutcome>>;
}

/** How a step before the line is taken back, and how that is read back. */
export interface UndoDriver {
  by: string;
  /** What is said of a device that is not as it was in time. */
  late: string;
  /**
   * Devices for which the step itself may still take effect, because the neighbour took it and has not worked through it: nothing is
   * taken back before that. Absent: the undo overrules what was not applied.
   */
  mayStillHappen?(tenantId: string, devices: readonly DeviceToUndo[]): Promise<Set<string>>;
  request(key: string, tenantId: string, devices: readonly LedgerDevice[]): Promise<void>;
  observe(tenantId: string, devices: readonly LedgerDevice[]): Promise<Map<string, UndoOutcome>>;
}

/** After so many attempts what keeps coming back needs a person. */
export const mostAttempts = 5;

/** It came back: asked again, or given to a person when that does not help. What a person skipped stays as it is, and that is said. */
export function askAgain(
  device: LedgerDevice,
  step: LedgerDevice['step'],
  seen: { why: string; by: string },
): StepOutcome {
  const { why, by } = seen;
  if (device.skippedSteps.includes(step)) return done(by, `${why}; ${step} was skipped`);
  if (device.attempt >= mostAttempts)
    return {
      kind: 'attention',
      code: 'keeps_coming_back',
      difference: `${why}, after ${device.attempt} attempts`,
      answeredBy: null,
    };
  return { kind: 'again', step, why };
}

export function done(answeredBy: string, note: string | null = null): StepOutcome {
  return { kind: 'done', answeredBy, note };
}

/** Not yet; when it is looked at again is decided by how long it takes already. */
export function notYet(why: string): StepOutcome {
  return { kind: 'waiting', why, nextTryMs: 0 };
}

/** The devices by the key under which they were asked for. */
export function byKey<Device extends LedgerDevice>(devices: readonly Device[]): Map<string, Device[]> {
  const groups = new Map<string, Device[]>();
  for (const device of devices) {
    const group = groups.get(device.requestKey);
    if (group === undefined) groups.set(device.requestKey, [device]);
    else group.push(device);
  }
  return groups;
}

/** Ids that are known, without those that are not. */
export function known(ids: readonly (string | null)[]): string[] {
  return ids.filter((id) => id !== null);
}
