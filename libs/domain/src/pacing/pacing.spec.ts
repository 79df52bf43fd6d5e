import { describe, expect, it } from '@jest/globals';
import { admit, atFullPace, defaultPaceLimits, paceAfter, type CallEnding, type Pace } from './pacing.js';

const after = (pace: Pace, now: number, ...endings: CallEnding[]): Pace =>
  endings.reduce((at, ending) => paceAfter(at, ending, { askedAt: now, endedAt: now }), pace);
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

  it.each(['throttled', 'unavailable', 'timed_out'] as const)(
    'counts calls that were under way together and end as %s as one refusal',
    (kind) => {
      const refused: CallEnding = { kind, retryAfterMs: null };
      const first = paceAfter(atFullPace, refused, { askedAt: 1_000, endedAt: 1_010 });
      const together = Array.from({ length: 12 }, (_, call) => ({ askedAt: 1_000 + call / 2, endedAt: 1_011 + call }));
      const burst = together.reduce((pace, call) => paceAfter(pace, refused, call), first);
      expect(burst).toEqual(first);
      // One that was asked afterwards is another.
      expect(paceAfter(burst, refused, { askedAt: 1_300, endedAt: 1_310 })).toMatchObject({
        silences: 2,
        notBefore: 1_710,
      });
      // What any of them says about coming back is kept.
      const told: CallEnding = { kind, retryAfterMs: 5_000 };
      expect(paceAfter(burst, told, { askedAt: 1_001, endedAt: 1_030 })).toMatchObject({
        notBefore: 6_030,
        silences: 1,
      });
    },
  );

  it('is at full pace again within a minute after the worst, at a neighbour that answers', () => {
    let pace: Pace = { ...atFullPace, gapMs: defaultPaceLimits.longestGapMs, reason: 'unavailable' };
    let passedMs = 0;
    for (; pace.gapMs > 0; pace = after(pace, 0, answered)) passedMs += pace.gapMs;
    expect(passedMs).toBeLessThan(60_000);
    // Until then it is a distance that is kept, whatever was before.
    expect(after({ ...pace, gapMs: 1_000, reason: 'unavailable' }, 0, answered).reason).toBe('throttled');
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
