/**
 * How fast a neighbour is asked. It adapts: every answer lets the next call come a little sooner, a refusal because of too much
 * doubles the distance, and while a neighbour does not work at all it is left alone for longer and longer.
 * Source: temporal.md 2.7, domain.md 10.8.
 */
export interface Pace {
  /** From one call to the next, in milliseconds; 0: no distance is kept. */
  gapMs: number;
  /** No call before this moment, in milliseconds of the caller's clock. */
  notBefore: number;
  /** How often in a row there was no answer. */
  silences: number;
  /** What the last refusal was; null while it answers. */
  reason: PaceReason | null;
}

export type PaceReason = 'throttled' | 'unavailable' | 'timed_out';

/** How a call ended, as far as pacing is concerned. */
export type CallEnding = { kind: 'answered' } | { kind: PaceReason; retryAfterMs: number | null };

export interface PaceLimits {
  /** The distance after the first refusal, in milliseconds. */
  firstGapMs: number;
  longestGapMs: number;
  /** How much sooner the next call may come after each answer, in milliseconds. */
  easeMs: number;
  firstPauseMs: number;
  longestPauseMs: number;
}

export const defaultPaceLimits: PaceLimits = {
  firstGapMs: 20,
  longestGapMs: 2_000,
  easeMs: 5,
  firstPauseMs: 200,
  longestPauseMs: 30_000,
};

export const atFullPace: Pace = { gapMs: 0, notBefore: 0, silences: 0, reason: null };

/** Whether a call may be made now, and what that does to the next one. */
export type Admission = { kind: 'go'; at: number; pace: Pace } | { kind: 'wait'; forMs: number; reason: PaceReason };

/**
 * Gives the next free moment to a call that can wait so long; one that cannot comes again and takes no moment.
 *
 * @param patienceMs how long the caller can wait
 */
export function admit(pace: Pace, nowMs: number, patienceMs: number): Admission {
  const at = Math.max(nowMs, pace.notBefore);
  if (at - nowMs > patienceMs) return { kind: 'wait', forMs: at - nowMs, reason: pace.reason ?? 'throttled' };
  return { kind: 'go', at, pace: pace.gapMs === 0 ? pace : { ...pace, notBefore: at + pace.gapMs } };
}

/** The pace after a call ended. */
export function paceAfter(pace: Pace, ending: CallEnding, nowMs: number, limits: PaceLimits = defaultPaceLimits): Pace {
  switch (ending.kind) {
    case 'answered': {
      const gapMs = Math.max(0, pace.gapMs - limits.easeMs);
      return { ...pace, gapMs, silences: 0, reason: gapMs === 0 ? null : pace.reason };
    }
    case 'throttled': {
      const gapMs = Math.min(limits.longestGapMs, Math.max(limits.firstGapMs, pace.gapMs * 2));
      const pauseMs = ending.retryAfterMs ?? pauseOf(pace.silences, limits);
      return {
        gapMs,
        notBefore: Math.max(pace.notBefore, nowMs + pauseMs),
        // Where it says when to come back, that is no silence.
        silences: ending.retryAfterMs === null ? pace.silences + 1 : 0,
        reason: 'throttled',
      };
    }
    case 'unavailable':
    case 'timed_out': {
      const pauseMs = ending.retryAfterMs ?? pauseOf(pace.silences, limits);
      return {
        gapMs: pace.gapMs,
        notBefore: Math.max(pace.notBefore, nowMs + pauseMs),
        silences: pace.silences + 1,
        reason: ending.kind,
      };
    }
  }
}

function pauseOf(silences: number, limits: PaceLimits): number {
  return Math.min(limits.longestPauseMs, limits.firstPauseMs * 2 ** Math.min(silences, 20));
}
