import { isNeighbourFault, type NeighbourFault, type NeighbourFaultCode } from '@groundcrew/subsystems';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

/** Writes down why something waits and when it is tried next. */
export type NoteWait = (reason: string, nextTryMs: number) => Promise<unknown>;

/** When to come back to a neighbour that did not say, in milliseconds. */
const nextTryMs = 500;

/**
 * Asks a neighbour as part of an activity. Where it does not answer, people are told what is waited for and when it is tried next,
 * and the activity is tried again then: that costs no history, and no slot meanwhile.
 *
 * @param note writes the reason into the step that waits
 */
export async function askNeighbour<Answer>(note: NoteWait, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!isNeighbourFault(error)) throw error;
    const retryMs = Math.max(error.retryAfterMs ?? nextTryMs, 1);
    const reason = reasonOf(error);
    await note(reason, retryMs);
    throw ApplicationFailure.create({
      type: error.code,
      message: reason,
      nextRetryDelay: retryMs,
      category: ApplicationFailureCategory.BENIGN,
    });
  }
}

const sentences: Record<NeighbourFaultCode, string> = {
  'neighbour.throttled': 'has too much to do at the moment (429)',
  'neighbour.unavailable': 'does not work at the moment (5xx)',
  'neighbour.timed-out': 'did not answer in time; it is asked again under the same key',
};

function reasonOf(fault: NeighbourFault): string {
  return `the ${fault.neighbour.replace('_', ' ')} ${sentences[fault.code]}`;
}
