import { accept, refuse, type Decision } from '../decision.js';
import { theLine, type DeregistrationStep } from './paths.js';

/** Where a device stands within its run. The last five are ends. */
export const courseStates = [
  'going',
  'needs_attention',
  'deregistered',
  'deregistered_kept',
  'restored',
  'skipped',
  'abandoned',
] as const;
export type CourseState = (typeof courseStates)[number];

export type CourseEvent =
  /** The neighbour answers, but not as it should, and patience is over. */
  | 'park'
  | 'retry'
  | 'skip'
  | 'abandon'
  /** Every step was observed and nothing is left. */
  | 'finish'
  /** Every step was observed; the object stays because something else needs it, or because the path leaves it. */
  | 'finish_kept'
  /** The same, but for a step that a person skipped. */
  | 'finish_skipped'
  /** It is as it was before. */
  | 'restore'
  /** A person gave it up before the line: it is to be as it was before. */
  | 'undo';

/** Which event moves which state where. An end moves nowhere. */
export const deviceCourse: Record<CourseState, Partial<Record<CourseEvent, CourseState>>> = {
  going: {
    park: 'needs_attention',
    finish: 'deregistered',
    finish_kept: 'deregistered_kept',
    finish_skipped: 'skipped',
    restore: 'restored',
  },
  needs_attention: {
    park: 'needs_attention',
    retry: 'going',
    skip: 'going',
    abandon: 'abandoned',
    undo: 'going',
  },
  deregistered: {},
  deregistered_kept: {},
  restored: {},
  skipped: {},
  abandoned: {},
};

/** How a device ends that went through all its steps. */
export function endOf(device: { keptBecause: string | null; skipped: boolean }): CourseState {
  const event = device.skipped ? 'finish_skipped' : device.keptBecause === null ? 'finish' : 'finish_kept';
  return deviceCourse.going[event]!;
}

/** A device that has ended needs nothing more of its run. */
export function hasEnded(state: CourseState): boolean {
  return Object.keys(deviceCourse[state]).length === 0;
}

export const courseEnds = courseStates.filter(hasEnded);

/** Why a device needs a person. Devices with the same code can be resolved together. */
export const attentionCodes = [
  /** It was asked for, and is not done though all its time is over. */
  'overdue',
  /** However often it is taken away, it is there again. */
  'keeps_coming_back',
  /** Somebody else took back what was asked for. */
  'taken_back',
  /** It is to be as it was before, and is not. */
  'not_as_before',
  /** Who ordered it may not do so any more. */
  'not_authorised',
] as const;
export type AttentionCode = (typeof attentionCodes)[number];

/** How a step of a device stands. Only observed is done; a skipped one has a person's reason. */
export const ledgerStates = ['requested', 'accepted', 'observed', 'refused', 'undone', 'skipped'] as const;
export type LedgerState = (typeof ledgerStates)[number];

/** What a person says about devices that cannot go on. */
export const resolutions = ['retry', 'skip', 'abandon'] as const;
export type Resolution = (typeof resolutions)[number];

export type ResolutionRefusal =
  'deregistration.nothing-to-resolve' | 'deregistration.cannot-skip-line' | 'deregistration.reason-missing';

/** What follows from a resolution. */
export interface Resolved {
  state: CourseState;
  /** `again`: the same step with a new attempt. `next`: the step after it. `undo`: back to as it was. `none`: it stays as it is. */
  go: 'again' | 'next' | 'undo' | 'none';
}

/**
 * What becomes of a device that needs attention. The registration itself cannot be skipped: a device that keeps it is not
 * deregistered. Abandoned before the line it is taken back to as it was; after it, or where that has failed, it is left as it is, and
 * the difference stays written down.
 */
export function resolve(
  device: { state: CourseState; step: DeregistrationStep; crossed: boolean; undoing: boolean },
  resolution: Resolution,
  reason: string | null,
): Decision<Resolved, ResolutionRefusal> {
  const goesBack = resolution === 'abandon' && !device.crossed && !device.undoing;
  const next = deviceCourse[device.state][goesBack ? 'undo' : resolution];
  if (next === undefined) return refuse('deregistration.nothing-to-resolve');
  if (resolution !== 'retry' && (reason === null || reason.trim() === ''))
    return refuse('deregistration.reason-missing');
  switch (resolution) {
    case 'retry':
      return accept({ state: next, go: 'again' });
    case 'skip':
      if (device.step === theLine) return refuse('deregistration.cannot-skip-line');
      // Whether it is as it was before is a question of fact.
      if (device.undoing) return refuse('deregistration.nothing-to-resolve');
      return accept({ state: next, go: 'next' });
    case 'abandon':
      return accept({ state: next, go: goesBack ? 'undo' : 'none' });
  }
}

/** What a cancel means for a device: back where it came from while that is possible, else on to its end. */
export function onCancel(device: { state: CourseState; crossed: boolean }): 'restore' | 'forward' | 'ended' {
  if (hasEnded(device.state)) return 'ended';
  return device.crossed ? 'forward' : 'restore';
}

/** What a cancelled run reports. */
export interface CancelReport {
  restored: number;
  wentForward: number;
}

/** A device that reached the line went forward, whatever became of it after. */
export function cancelReport(ends: Partial<Record<CourseState, number>>, crossed: number): CancelReport {
  return { restored: ends.restored ?? 0, wentForward: crossed };
}

/** Why an object stays though the registration is gone. */
export function keptBecause(usedBy: readonly string[]): string {
  const reasons: Record<string, string> = {
    management: 'the device is enrolled in management',
    join: 'the device is joined to the directory',
    on_premises_computer: 'an on-premises computer object synchronises it',
    registration: 'another registration uses it',
  };
  const told = usedBy.map((use) => reasons[use] ?? use);
  return `Kept, because ${told.length === 0 ? 'the directory still shows it' : told.join(' and ')}.`;
}
