import { describe, expect, it } from '@jest/globals';
import { quantile, takeTurns } from './latency.js';

describe('taking turns', () => {
  it('asks everybody once a round, each as often first as the others, and counts no warm-up', async () => {
    const asked: string[] = [];
    const contender = (name: string) => ({ name, ask: async () => void asked.push(name) });
    const taken = await takeTurns(['a', 'b', 'c'].map(contender), 6, 3);
    expect([...taken].map(([name, sample]) => [name, sample.length])).toEqual([
      ['a', 6],
      ['b', 6],
      ['c', 6],
    ]);
    const first = asked.filter((_, index) => index % 3 === 0).slice(3);
    expect(first.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('tells each round apart, the warm-up too', async () => {
    const rounds: number[] = [];
    await takeTurns([{ name: 'a', ask: async (round) => void rounds.push(round) }], 3, 2);
    expect(rounds).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a quantile', () => {
  it('is the value below which that share lies', () => {
    const sample = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    expect([quantile(sample, 0.5), quantile(sample, 0.99), quantile([7], 0.99)]).toEqual([501, 991, 7]);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
