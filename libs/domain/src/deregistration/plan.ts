import { deregistrationStrategies, stepsFor, type DeregistrationPath, type DeregistrationStep } from './paths.js';

/** Why a device leaves. Source: domain.md 8.1. */
export const deregistrationReasons = ['repair', 'end_of_life', 'sale', 'opt_out', 'correction'] as const;
export type DeregistrationReason = (typeof deregistrationReasons)[number];

/** Everything about a device that the plan freezes and the execution compares. */
export interface PlannedFacts {
  deviceId: string;
  serialNumber: string | null;
  /** The registration's version: it moves with every change. */
  version: number;
  managedDeviceId: string | null;
  userId: string | null;
  userName: string | null;
  /** For whom the registration itself says it is meant; that goes with the registration. */
  registeredUser: string | null;
  /** How many recovery keys management keeps for it; they go with its record. */
  recoveryKeys: number;
  directoryObjectId: string | null;
  /** The object that an on-premises computer synchronises: a hybrid device has one beside its own. */
  computerObjectId: string | null;
  hold: HoldKind | null;
  /** The other run that it is in the middle of. */
  busyWith: { runId: string; kind: string } | null;
}

export const holdKinds = ['hold', 'legal_hold'] as const;
export type HoldKind = (typeof holdKinds)[number];

/** Why a device cannot be taken out now. */
export const planBlocks = ['hold', 'legal_hold', 'repair_case', 'other_run', 'managed'] as const;
export type PlanBlock = (typeof planBlocks)[number];

/** What a device loses that nobody can bring back. */
export interface PlanLosses {
  recoveryKeys: number;
  userName: string | null;
}

/** One line of the plan. */
export interface PlannedDevice {
  facts: PlannedFacts;
  steps: readonly DeregistrationStep[];
  losses: PlanLosses;
  blocks: readonly PlanBlock[];
}

/** What would happen to this device. */
export function planDevice(path: DeregistrationPath, facts: PlannedFacts): PlannedDevice {
  const blocks: PlanBlock[] = [];
  if (facts.hold !== null) blocks.push(facts.hold);
  if (facts.busyWith !== null) blocks.push(facts.busyWith.kind === 'repair' ? 'repair_case' : 'other_run');
  const steps = stepsFor(path, facts);
  if (!steps.ok) blocks.push('managed');
  const retires = steps.ok && steps.value.includes('retire_management');
  return {
    facts,
    steps: steps.ok ? steps.value : [],
    losses: {
      recoveryKeys: retires ? facts.recoveryKeys : 0,
      userName: (steps.ok && steps.value.includes('unassign_user') ? facts.userName : null) ?? facts.registeredUser,
    },
    blocks,
  };
}

/** One thing about one device that is not any more as the plan says. */
export interface PlanDifference {
  deviceId: string;
  field: Exclude<keyof PlannedFacts, 'deviceId'> | 'registration';
  planned: string | null;
  now: string | null;
}

const comparedFields = [
  'serialNumber',
  'version',
  'managedDeviceId',
  'userId',
  'recoveryKeys',
  'directoryObjectId',
  'computerObjectId',
  'hold',
  'busyWith',
] as const satisfies readonly Exclude<keyof PlannedFacts, 'deviceId'>[];

/** Where reality has moved since the plan was made. @param now null where the device is not registered any more */
export function differencesOf(planned: PlannedFacts, now: PlannedFacts | null): PlanDifference[] {
  const { deviceId } = planned;
  if (now === null) return [{ deviceId, field: 'registration', planned: 'registered', now: null }];
  return comparedFields.flatMap((field) => {
    const [before, after] = [show(planned[field]), show(now[field])];
    return before === after ? [] : [{ deviceId, field, planned: before, now: after }];
  });
}

function show(value: PlannedFacts[keyof PlannedFacts]): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? `${value.kind} ${value.runId}` : String(value);
}

/** About how long it takes, in seconds: what was measured per device and chunk, and one sync interval where there is a sync. */
export function estimateSeconds(path: DeregistrationPath, devices: number, syncIntervalSeconds: number): number {
  const { steps } = deregistrationStrategies[path];
  const chunks = Math.ceil(devices / 1000);
  const perStepAndChunk = 0.3;
  const syncs = steps.some(({ step }) => step === 'sync') ? syncIntervalSeconds : 0;
  return Math.ceil(1 + chunks * steps.length * perStepAndChunk + syncs);
}
