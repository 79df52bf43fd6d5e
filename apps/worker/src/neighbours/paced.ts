import { admit, atFullPace, paceAfter, type CallEnding, type PaceLimits, type PaceReason } from '@groundcrew/domain';
import { around, isNeighbourFault, NeighbourFault, type NeighbourFaultCode } from '@groundcrew/subsystems';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a call waits for its moment within an activity; what takes longer makes room and comes again. */
const patienceMs = 250;

/** What all callers of this process know about the pace of one neighbour. */
export interface Pacer {
  /** @throws NeighbourFault without calling, where the neighbour is to be left alone for longer than the caller waits */
  ask<Answer>(neighbour: string, call: () => Promise<Answer>): Promise<Answer>;
}

export interface Clock {
  now(): number;
  pause(milliseconds: number): Promise<unknown>;
}

const systemClock: Clock = { now: () => Date.now(), pause };

export function createPacer(limits?: PaceLimits, clock: Clock = systemClock): Pacer {
  let pace = atFullPace;
  const ended = (askedAt: number, ending: CallEnding): void => {
    pace = paceAfter(pace, ending, { askedAt, endedAt: clock.now() }, limits);
  };
  return {
    async ask(neighbour, call) {
      const admission = admit(pace, clock.now(), patienceMs);
      if (admission.kind === 'wait') throw new NeighbourFault(codeOf[admission.reason], neighbour, admission.forMs);
      pace = admission.pace;
      const waitMs = admission.at - clock.now();
      if (waitMs > 0) await clock.pause(waitMs);
      const askedAt = clock.now();
      try {
        const answer = await call();
        ended(askedAt, { kind: 'answered' });
        return answer;
      } catch (error) {
        if (isNeighbourFault(error)) ended(askedAt, { kind: reasonOf[error.code], retryAfterMs: error.retryAfterMs });
        throw error;
      }
    },
  };
}

/** A neighbour's port, asked no faster than it answers. */
export function paced<Port extends object>(neighbour: string, port: Port, pacer: Pacer): Port {
  return around(port, (_name, call) => () => pacer.ask(neighbour, call));
}

const reasonOf: Record<NeighbourFaultCode, PaceReason> = {
  'neighbour.throttled': 'throttled',
  'neighbour.unavailable': 'unavailable',
  'neighbour.timed-out': 'timed_out',
};

const codeOf: Record<PaceReason, NeighbourFaultCode> = {
  throttled: 'neighbour.throttled',
  unavailable: 'neighbour.unavailable',
  timed_out: 'neighbour.timed-out',
};
