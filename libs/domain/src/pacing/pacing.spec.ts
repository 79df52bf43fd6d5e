import { describe, expect, it } from '@jest/globals';
import { admit, atFullPace, defaultPaceLimits, paceAfter, type CallEnding, type Pace } from './pacing.js';

const after = (pace: Pace, now: number, ...endings: CallEnding[]): Pace =>
  endings.reduce((at, ending) => paceAfter(at, ending, now), pace);
const throttled = (retryAfterMs: number | null = null): CallEnding => ({ kind: 'throttled', retryAfterMs });
const answered: CallEnding = { kind: 'answered' };

describe('how fast a neighbour is asked', () => {
  it('keeps no distance from one that answers', () => {
    expect(admit(atFullPace, 1_000, 0)).toEqual({ kind: 'go', at: 1_000, pace: atFullPace });
    expect(after(atFullPace, 1_000, answered)).toEqual(atFullPace);
  });

  it('comes back when a throttling neighbour said so, and says why it waits', () => {
    const pace = after(atFullPace, 1_000, throttled(7_000));
    expect(admit(pace, 1_000, 500)).toEqual({ kind: 'wait', forMs: 7_000, reason: 'throttled' });
    expect(admit(pace, 8_000, 0)).toMatchObject({ kind: 'go', at: 8_000 });
  });

  it('waits longer and longer for one that does not say', () => {
    let pace = atFullPace;
    const waits = [1, 2, 3].map(() => {
      pace = after(pace, 0, throttled());
      return pace.notBefore;
    });
    expect(waits).toEqual([200, 400, 800]);
    const longest = after(atFullPace, 0, ...Array.from({ length: 40 }, () => throttled()));
    expect(longest.notBefore).toBe(defaultPaceLimits.longestPauseMs);
  });

  it('doubles the distance with each refusal and shortens it a little with each answer, until there is none', () => {
    let pace = after(atFullPace, 0, throttled(0), throttled(0), throttled(0));
    expect(pace.gapMs).toBe(80);
    for (let call = 0; call < 15; call += 1) pace = after(pace, 0, answered);
    expect(pace).toMatchObject({ gapMs: 5, reason: 'throttled' });
    expect(after(pace, 0, answered)).toMatchObject({ gapMs: 0, reason: null, silences: 0 });
  });

  it('gives calls that come at once moments one after the other, and none to a call that cannot wait', () => {
    let pace: Pace = { ...atFullPace, gapMs: 100 };
    const moments: number[] = [];
    for (let call = 0; call < 3; call += 1) {
      const admission = admit(pace, 1_000, 500);
      if (admission.kind !== 'go') throw new Error('there was room');
      moments.push(admission.at);
      pace = admission.pace;
    }
    expect(moments).toEqual([1_000, 1_100, 1_200]);
    expect(admit(pace, 1_000, 100)).toMatchObject({ kind: 'wait', forMs: 300 });
  });

  it.each(['unavailable', 'timed_out'] as const)(
    'leaves one that is %s alone, without slowing down for later',
    (kind) => {
      const pace = after(atFullPace, 0, { kind, retryAfterMs: null }, { kind, retryAfterMs: null });
      expect(pace).toMatchObject({ gapMs: 0, notBefore: 400, silences: 2, reason: kind });
      expect(admit(pace, 0, 0)).toMatchObject({ kind: 'wait', reason: kind });
      expect(after(pace, 400, answered)).toMatchObject({ silences: 0, reason: null });
    },
  );
});
