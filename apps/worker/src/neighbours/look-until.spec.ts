import { describe, expect, it } from '@jest/globals';
import { NeighbourFault } from '@groundcrew/subsystems';
import { lookUntil, type Look } from './look-until.js';

/** Each look shows the next of these; the last one for ever. */
function shows(...looks: (Look<string> | Error)[]) {
  let next = 0;
  return {
    get taken() {
      return next;
    },
    async look(): Promise<Look<string>> {
      const shown = looks[Math.min(next, looks.length - 1)]!;
      next += 1;
      if (shown instanceof Error) throw shown;
      return shown;
    },
  };
}

function aNote() {
  const notes: { reason: string; nextTryMs: number }[] = [];
  return { notes, note: async (reason: string, nextTryMs: number) => void notes.push({ reason, nextTryMs }) };
}

describe('watching a neighbour', () => {
  it('looks again until what was asked for is there, and writes nothing down meanwhile', async () => {
    const { notes, note } = aNote();
    const neighbour = shows({ missing: 'two of them' }, { missing: 'one of them' }, { seen: 'all of them' });
    expect(await lookUntil({ patienceMs: 5_000, note }, neighbour.look)).toBe('all of them');
    expect({ taken: neighbour.taken, notes }).toEqual({ taken: 3, notes: [] });
  });

  it('makes room when its patience is over, and says what is missing and when it comes back', async () => {
    const { notes, note } = aNote();
    const watching = lookUntil({ patienceMs: 20, note, nextAttemptMs: 300 }, shows({ missing: 'one of them' }).look);
    await expect(watching).rejects.toMatchObject({
      type: 'NotYetObserved',
      message: 'one of them',
      nextRetryDelay: 300,
      nonRetryable: false,
    });
    expect(notes).toEqual([{ reason: 'one of them', nextTryMs: 300 }]);
  });

  it('stops at once where the neighbour does not answer, and says why', async () => {
    const { notes, note } = aNote();
    const throttled = new NeighbourFault('neighbour.throttled', 'directory', 700);
    const neighbour = shows({ missing: 'one of them' }, throttled);
    await expect(lookUntil({ patienceMs: 5_000, note }, neighbour.look)).rejects.toMatchObject({
      type: 'neighbour.throttled',
      nextRetryDelay: 700,
    });
    expect(neighbour.taken).toBe(2);
    expect(notes).toEqual([{ reason: 'the directory has too much to do at the moment (429)', nextTryMs: 700 }]);
  });
});
