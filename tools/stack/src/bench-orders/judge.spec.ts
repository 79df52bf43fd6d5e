import { describe, expect, it } from '@jest/globals';
import { judge } from './judge.js';

describe('what rounds of a benchmark say together', () => {
  const round = (wall: number, processor = 0.5, foreign = 0.02) => ({ wall, processor, foreign });

  it('is the median on the clock while the rounds agree', () => {
    expect(judge([round(0.4), round(0.42), round(0.44)])).toEqual({
      ratio: 0.42,
      by: 'wall',
      conclusive: true,
      note: 'rounds 0.40, 0.42, 0.44',
    });
  });

  it('is the median of processor time where the clock differs by more than a fifth, and says so', () => {
    const judged = judge([round(0.3, 0.41), round(0.42, 0.43), round(0.6, 0.45)]);
    expect(judged).toMatchObject({ ratio: 0.43, by: 'processor', conclusive: true });
    expect(judged.note).toBe('by processor time 0.41, 0.43, 0.45; clock 0.30, 0.42, 0.60');
  });

  it('is nothing where others took more than a tenth of the machine', () => {
    const judged = judge([round(0.4), round(0.4, 0.5, 0.3)]);
    expect(judged.conclusive).toBe(false);
    expect(judged.note).toContain('inconclusive, others took 30 %');
  });
});
