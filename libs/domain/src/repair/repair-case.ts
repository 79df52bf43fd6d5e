/**
 * Where the repair of a device stands. Its board is replaced, and with the board goes its identity: it leaves, waits for the
 * workshop, and comes back as another registration. Source: domain.md 3.4.
 */
export const repairStates = [
  'opened',
  'deregistering',
  'at_workshop',
  'registering',
  'restoring',
  'needs_attention',
  'closed',
  'cancelled',
  'expired',
] as const;
export type RepairState = (typeof repairStates)[number];

export type RepairEvent =
  | 'deregister'
  /** The old registration is gone. */
  | 'deregistered'
  /** The deregistration ended, and the old registration is there as before. */
  | 'stayed'
  | 'hash_submitted'
  | 'registered'
  /** The new hash has another verdict than registered. */
  | 'refused'
  | 'cancel'
  | 'restored'
  /** The old registration cannot come back. */
  | 'not_restored'
  | 'expire';

/** Which event moves which state where. What is not listed is refused. */
export const repairLifecycle: Record<RepairState, Partial<Record<RepairEvent, RepairState>>> = {
  opened: { deregister: 'deregistering' },
  deregistering: { deregistered: 'at_workshop', stayed: 'cancelled' },
  at_workshop: { hash_submitted: 'registering', cancel: 'restoring', expire: 'expired' },
  registering: { registered: 'closed', refused: 'needs_attention' },
  restoring: { restored: 'cancelled', not_restored: 'needs_attention' },
  needs_attention: { hash_submitted: 'registering', cancel: 'restoring', expire: 'expired' },
  closed: {},
  cancelled: {},
  expired: {},
};

/** A repair that is over changes no more. */
export function isRepairOver(state: RepairState): boolean {
  return Object.keys(repairLifecycle[state]).length === 0;
}

/** Whether somebody is waited for: the workshop, or a person who sends another hash. */
export function awaitsHash(state: RepairState): boolean {
  return repairLifecycle[state].hash_submitted !== undefined;
}

/** How long a workshop may take. */
export interface RepairPatience {
  /** From one reminder to the next, in milliseconds. */
  reminderMs: number;
  /** After which time nobody waits any more, in milliseconds. */
  expiryMs: number;
}

/**
 * What falls due while a hash is waited for. A reminder that fell due unnoticed is not caught up: one says all.
 *
 * @param waitedMs since the old registration was gone
 * @param reminders the number of the last reminder
 */
export function whatIsDue(
  { reminderMs, expiryMs }: RepairPatience,
  waitedMs: number,
  reminders: number,
): { due: 'expiry' } | { due: 'reminder'; number: number } | { due: 'nothing'; inMs: number } {
  if (waitedMs >= expiryMs) return { due: 'expiry' };
  const number = Math.floor(waitedMs / reminderMs);
  if (number > reminders) return { due: 'reminder', number };
  return { due: 'nothing', inMs: Math.min((Math.max(number, reminders) + 1) * reminderMs, expiryMs) - waitedMs };
}
