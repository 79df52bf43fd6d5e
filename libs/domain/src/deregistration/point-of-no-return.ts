import { deregistrationSteps, theLine, type DeregistrationStep } from './paths.js';

/** What a step does, what takes it back, and until when. */
export interface StepEffect {
  effect: string;
  /** Null: nothing takes it back. */
  undo: string | null;
  possibleUntil: string;
}

/** The one table of what can be taken back; docs/deregistration.md shows the same. */
export const pointOfNoReturn: Record<DeregistrationStep, StepEffect> = {
  retire_management: {
    effect: 'Management is asked to remove its record of the device; with it go enrolment and escrowed recovery keys.',
    undo: 'The request is taken back.',
    possibleUntil: 'Management has applied it. After that the device has to enrol again.',
  },
  unassign_user: {
    effect: 'The user who was assigned to the device is unassigned.',
    undo: 'The same user is assigned again.',
    possibleUntil: 'The registration removal is sent.',
  },
  remove_registration: {
    effect:
      'The registration goes, with everything that claims the hardware. Another owner may register it from now on.',
    undo: null,
    possibleUntil: 'Never: this is the line. A restore is a run of its own, for 30 days.',
  },
  release_registration: {
    effect: 'The directory is told that the registration is no more, and takes its tags off the object.',
    undo: null,
    possibleUntil: 'Never: a restore tags the object, or has a new one made.',
  },
  sync: {
    effect: 'Management hears that the registration is gone.',
    undo: null,
    possibleUntil: 'Nothing to take back.',
  },
  verify_gone: {
    effect: 'What management shows is read again; a record that came back is retired again.',
    undo: null,
    possibleUntil: 'Nothing to take back.',
  },
  remove_computer_object: {
    effect: 'The on-premises computer object is removed, so that nothing synchronises the device back.',
    undo: null,
    possibleUntil: 'Never.',
  },
  observe_directory_object: {
    effect: 'The directory drops an object that nothing uses any more. That it is gone, or why it stays, is observed.',
    undo: null,
    possibleUntil: 'Nothing to take back.',
  },
};

/** Whether a step stands before the line. */
export function isReversible(step: DeregistrationStep): boolean {
  return deregistrationSteps.indexOf(step) < deregistrationSteps.indexOf(theLine);
}

/**
 * The steps whose undo comes before this one's: those between it and the line. The last act is taken back first.
 *
 * @param step null: the end, when all that was done is taken back
 */
export function takenBackBefore(step: DeregistrationStep | null): DeregistrationStep[] {
  const reversible = deregistrationSteps.filter(isReversible);
  return step === null ? reversible : reversible.slice(reversible.indexOf(step) + 1);
}

/** The table as docs/deregistration.md shows it. */
export function renderPointOfNoReturn(): string {
  const head = ['| Step | Effect | Undo | Possible until |', '|---|---|---|---|'];
  const rows = deregistrationSteps.map((step) => {
    const { effect, undo, possibleUntil } = pointOfNoReturn[step];
    const name = step === theLine ? `**\`${step}\`** (the line)` : `\`${step}\``;
    return `| ${name} | ${effect} | ${undo ?? 'None.'} | ${possibleUntil} |`;
  });
  return [...head, ...rows].join('\n');
}
