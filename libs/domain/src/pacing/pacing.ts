/**
 * How fast a neighbour is asked. It adapts: every answer lets the next call come a little sooner, a refusal because of too much
 * doubles the distance, and while a neighbour does not work at all it is left alone for longer and longer. Calls that were under
 * way together and are refused together say one thing, and count once. Source: temporal.md 2.7, domain.md 10.8.
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
  /** When a refusal counted last. Whoever asked before that could not know of it. */
  refusedAt: number;
}

export type PaceReason = 'throttled' | 'unavailable' | 'timed_out';

/** How a call ended, as far as pacing is concerned. */
export type CallEnding = { kind: 'answered' } | { kind: PaceReason; retryAfterMs: number | null };

export interface PaceLimits {
  /** The distance after the first refusal, in milliseconds. */
  firstGapMs: number;
  longestGapMs: number;
  /** How much sooner the next call may come after each answer, in milliseconds; of a long distance it is a sixteenth. */
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

export const atFullPace: Pace = { gapMs: 0, notBefore: 0, silences: 0, reason: null, refusedAt: 0 };

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

/**
 * The pace after a call ended.
 *
 * @param call when it was made and when it ended, in milliseconds of the caller's clock
 */
export function paceAfter(
  pace: Pace,
  ending: CallEnding,
  call: { askedAt: number; endedAt: number },
  limits: PaceLimits = defaultPaceLimits,
): Pace {
  if (ending.kind === 'answered') {
    const gapMs = Math.max(0, pace.gapMs - Math.max(limits.easeMs, pace.gapMs / easedParts));
    return { ...pace, gapMs, silences: 0, reason: gapMs === 0 ? null : 'throttled' };
  }
  if (call.askedAt < pace.refusedAt) {
    const notBefore = Math.max(pace.notBefore, call.endedAt + (ending.retryAfterMs ?? 0));
    return { ...pace, notBefore, reason: ending.kind };
  }
  const wider = Math.min(limits.longestGapMs, Math.max(limits.firstGapMs, pace.gapMs * 2));
  const saysWhen = ending.kind === 'throttled' && ending.retryAfterMs !== null;
  return {
    gapMs: ending.kind === 'throttled' ? wider : pace.gapMs,
    notBefore: Math.max(pace.notBefore, call.endedAt + (ending.retryAfterMs ?? pauseOf(pace.silences, limits))),
    // Where it says when to come back, that is no silence.
    silences: saysWhen ? 0 : pace.silences + 1,
    reason: ending.kind,
    refusedAt: call.endedAt,
  };
}

const easedParts = 16;

function pauseOf(silences: number, limits: PaceLimits): number {
  return Math.min(limits.longestPauseMs, limits.firstPauseMs * 2 ** Math.min(silences, 20));
}
