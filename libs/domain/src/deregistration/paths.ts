import { accept, refuse, type Decision } from '../decision.js';

/** Who takes a device out, and so how far it goes. Source: domain.md 8.2 to 8.5. */
export const deregistrationPaths = ['tenant_admin', 'microsoft_365', 'partner', 'oem', 'opt_out'] as const;
export type DeregistrationPath = (typeof deregistrationPaths)[number];

/** Everything that a deregistration can do to a device, in the only order in which it may happen. Source: domain.md 8.2. */
export const deregistrationSteps = [
  'retire_management',
  'unassign_user',
  'remove_registration',
  'release_registration',
  'sync',
  'verify_gone',
  'remove_computer_object',
  'observe_directory_object',
] as const;
export type DeregistrationStep = (typeof deregistrationSteps)[number];

/** The step that cannot be taken back. A device that was sent through it only goes forward. */
export const theLine = 'remove_registration' satisfies DeregistrationStep;

/** What a step needs of a device, so that a device without it passes by. */
export type StepNeed = 'always' | 'managed' | 'assigned_user' | 'computer_object';

/** What is left where a path takes the registration and nothing else. */
export type Remains = 'enrolment' | 'directory_object';

export interface PathStrategy {
  /** In order; with what a device must have for it. */
  steps: readonly { step: DeregistrationStep; needs: StepNeed }[];
  /** What a managed device means here: `retire` it, `refuse` and name the full path, or `keep` it managed. */
  managed: 'retire' | 'refuse' | 'keep';
  /** What stays by intention; the result says so. */
  remains: readonly Remains[];
  /** Whether automatic registration leaves the device alone from now on. */
  optsOut: boolean;
}

const fromTheLine = [
  { step: 'remove_registration', needs: 'always' },
  { step: 'release_registration', needs: 'always' },
  { step: 'sync', needs: 'always' },
  { step: 'verify_gone', needs: 'always' },
] as const;
const registrationOnly = [
  { step: 'remove_registration', needs: 'always' },
  { step: 'release_registration', needs: 'always' },
  { step: 'observe_directory_object', needs: 'always' },
] as const;

/**
 * The one table of how each path takes a device out. Every path tells the directory that the registration is no
 * more, and ends with observing what became of the object. No path deletes it.
 */
export const deregistrationStrategies: Record<DeregistrationPath, PathStrategy> = {
  tenant_admin: {
    steps: [
      { step: 'retire_management', needs: 'managed' },
      { step: 'unassign_user', needs: 'assigned_user' },
      ...fromTheLine,
      { step: 'remove_computer_object', needs: 'computer_object' },
      { step: 'observe_directory_object', needs: 'always' },
    ],
    managed: 'retire',
    remains: [],
    optsOut: false,
  },
  microsoft_365: {
    steps: [...fromTheLine, { step: 'observe_directory_object', needs: 'always' }],
    managed: 'refuse',
    remains: [],
    optsOut: false,
  },
  partner: {
    steps: registrationOnly,
    managed: 'keep',
    remains: ['enrolment', 'directory_object'],
    optsOut: false,
  },
  oem: { steps: registrationOnly, managed: 'keep', remains: ['enrolment', 'directory_object'], optsOut: false },
  opt_out: { steps: registrationOnly, managed: 'keep', remains: ['enrolment', 'directory_object'], optsOut: true },
};

/** What is known of a device that decides which steps it needs. */
export interface StandingDevice {
  managedDeviceId: string | null;
  userId: string | null;
  /** The object that an on-premises computer synchronises: a hybrid device has one. */
  computerObjectId: string | null;
}

export type PathRefusal = 'deregistration.managed';

/**
 * The steps that a device goes through.
 *
 * @returns a refusal where the path cannot take this device: a managed one needs the tenant administrator's
 */
export function stepsFor(
  path: DeregistrationPath,
  device: StandingDevice,
): Decision<readonly DeregistrationStep[], PathRefusal> {
  const strategy = deregistrationStrategies[path];
  if (strategy.managed === 'refuse' && device.managedDeviceId !== null) return refuse('deregistration.managed');
  const has: Record<StepNeed, boolean> = {
    always: true,
    managed: device.managedDeviceId !== null,
    // The user is assigned in management, and goes with the record where that is retired; unassigning it is its own step all the same.
    assigned_user: device.userId !== null,
    computer_object: device.computerObjectId !== null,
  };
  return accept(strategy.steps.filter(({ needs }) => has[needs]).map(({ step }) => step));
}

/** The path's steps before the line: each has an undo. */
export function stepsBeforeTheLine(path: DeregistrationPath): DeregistrationStep[] {
  const steps = deregistrationStrategies[path].steps.map(({ step }) => step);
  return steps.slice(0, steps.indexOf(theLine));
}

/** The path's steps after the line: each is repeated until it is done. */
export function stepsAfterTheLine(path: DeregistrationPath): DeregistrationStep[] {
  const steps = deregistrationStrategies[path].steps.map(({ step }) => step);
  return steps.slice(steps.indexOf(theLine) + 1);
}

/** The step after this one; null after the last. */
export function nextStep(steps: readonly DeregistrationStep[], done: DeregistrationStep): DeregistrationStep | null {
  return steps[steps.indexOf(done) + 1] ?? null;
}
