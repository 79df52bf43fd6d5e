import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { setTimeout as pause } from 'node:timers/promises';
import { askNeighbour, type NoteWait } from './ask-neighbour.js';

/** What a look at a neighbour showed: what was waited for, or what is still missing. */
export type Look<Seen> = { seen: Seen } | { missing: string };

export interface Watch {
  /** How long one attempt watches before it makes room for others, in milliseconds. */
  patienceMs: number;
  /** Writes the reason into what waits. */
  note: NoteWait;
  /** When the next attempt comes, in milliseconds. */
  nextAttemptMs?: number;
}

const firstLookMs = 5;
const longestLookMs = 200;
const usualNextAttemptMs = 1_000;

/** Where no row can say what is waited for, the failure of the attempt says it. */
export const toldByTheFailure: NoteWait = () => Promise.resolve();

/**
 * Looks at a neighbour again and again until what was asked for is there. What takes longer than one attempt's patience is tried again
 * by the server, which adds nothing to the history, and says why.
 */
export async function lookUntil<Seen>(watch: Watch, look: () => Promise<Look<Seen>>): Promise<Seen> {
  const { patienceMs, note, nextAttemptMs = usualNextAttemptMs } = watch;
  const deadline = performance.now() + patienceMs;
  for (let wait = firstLookMs; ; wait = Math.min(wait * 2, longestLookMs)) {
    const shown = await askNeighbour(note, look);
    if ('seen' in shown) return shown.seen;
    if (performance.now() + wait > deadline) {
      await note(shown.missing, nextAttemptMs);
      throw notYetObserved(shown.missing, nextAttemptMs);
    }
    await pause(wait);
  }
}

/** Ends an attempt that saw nothing wrong, only nothing yet: the server comes back to it. */
export function notYetObserved(reason: string, nextRetryDelay: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'NotYetObserved',
    message: reason,
    nextRetryDelay: Math.ceil(Math.max(nextRetryDelay, 1)),
    category: ApplicationFailureCategory.BENIGN,
  });
}
