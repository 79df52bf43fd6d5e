/** What keeps a tenant from deregistering more than it means to. Tenant settings; each has a default that a small tenant never meets. */
export interface DeregistrationGuards {
  /** Most devices of one run. */
  mostPerRun: number;
  /** Most devices of all runs within 24 hours. */
  mostPerDay: number;
  /** Above this number of devices another person than the plan's author has to approve it. */
  secondPersonAbove: number;
  /** Stops a plan after which more than this share of what was registered 24 hours ago is gone, in percent. */
  mostShrinkPercent: number;
  /** Below this number of devices a day the share says nothing. */
  shrinkFloor: number;
  /** Refuses devices whose recovery keys are escrowed in management, unless a reason is given. */
  keepRecoveryKeys: boolean;
  /** How long a run waits before its first irreversible step, so that it can be called back, in seconds. */
  graceSeconds: number;
  /** How long a plan may be executed, in minutes. */
  planMinutes: number;
}

export const defaultGuards: DeregistrationGuards = {
  mostPerRun: 10_000,
  mostPerDay: 20_000,
  secondPersonAbove: 100,
  mostShrinkPercent: 25,
  shrinkFloor: 100,
  keepRecoveryKeys: true,
  graceSeconds: 0,
  planMinutes: 60,
};

/** What the guards look at when a plan is executed. */
export interface GuardedPlan {
  devices: number;
  author: string;
  /** Chosen by a filter and not by naming each: then the number is typed. */
  byFilter: boolean;
  devicesWithRecoveryKeys: number;
}

export interface GuardedExecution {
  principal: string;
  typedCount: number | null;
  recoveryKeysReason: string | null;
  /** Who approved the plan; null where nobody did. */
  approvedBy: string | null;
}

export interface GuardedInventory {
  registeredNow: number;
  /** Devices that runs of the last 24 hours took out or are taking out. */
  lastDay: number;
}

export const guardRefusals = [
  'guard.run-limit',
  'guard.day-limit',
  'guard.second-person',
  'guard.typed-count',
  'guard.inventory-shrinks',
  'guard.recovery-keys',
] as const;
export type GuardRefusal = (typeof guardRefusals)[number];

/** Everything that stands against executing the plan; nothing where it may be executed. */
export function guardsAgainst(
  guards: DeregistrationGuards,
  plan: GuardedPlan,
  execution: GuardedExecution,
  inventory: GuardedInventory,
): GuardRefusal[] {
  const against: GuardRefusal[] = [];
  if (plan.devices > guards.mostPerRun) against.push('guard.run-limit');
  const today = plan.devices + inventory.lastDay;
  if (today > guards.mostPerDay) against.push('guard.day-limit');
  const second = execution.approvedBy;
  if (plan.devices > guards.secondPersonAbove && (second === null || second === plan.author))
    against.push('guard.second-person');
  if (plan.byFilter && execution.typedCount !== plan.devices) against.push('guard.typed-count');
  const yesterday = inventory.registeredNow + inventory.lastDay;
  if (today > guards.shrinkFloor && today * 100 > yesterday * guards.mostShrinkPercent)
    against.push('guard.inventory-shrinks');
  const reason = execution.recoveryKeysReason?.trim() ?? '';
  if (guards.keepRecoveryKeys && plan.devicesWithRecoveryKeys > 0 && reason === '') against.push('guard.recovery-keys');
  return against;
}

/** The guards as a tenant set them; what it left out is the default. */
export function guardsOf(set: Partial<DeregistrationGuards>): DeregistrationGuards {
  return { ...defaultGuards, ...set };
}
