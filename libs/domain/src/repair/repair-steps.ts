import type { RepairEvent, RepairState } from './repair-case.js';

/** What a repair asks for, of whom, as its run shows it. Each is a step, and all but the first may come again. */
export const repairSteps = [
  'deregister_device',
  'await_hash',
  'register_new_hash',
  'restore_registration',
  'assign_user',
] as const;
export type RepairStep = (typeof repairSteps)[number];

/** At which step a repair stands; null: before the first or after the last. */
export const stepOfRepair: Record<RepairState, RepairStep | null> = {
  opened: null,
  deregistering: 'deregister_device',
  at_workshop: 'await_hash',
  registering: 'register_new_hash',
  restoring: 'restore_registration',
  // Something did not go as it should, and what helps is a hash, or somebody who gives up.
  needs_attention: 'await_hash',
  closed: null,
  cancelled: null,
  expired: null,
};

/** How the step that an event leaves behind has ended: with what was asked for, or without it. */
export const stepEndsBy: Record<RepairEvent, 'observed' | 'refused'> = {
  deregister: 'observed',
  deregistered: 'observed',
  stayed: 'refused',
  hash_submitted: 'observed',
  registered: 'observed',
  refused: 'refused',
  cancel: 'refused',
  restored: 'observed',
  not_restored: 'refused',
  expire: 'refused',
};
