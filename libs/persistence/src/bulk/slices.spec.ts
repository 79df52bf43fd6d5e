import { describe, expect, it } from '@jest/globals';
import { Slices } from './slices.js';

function compute(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('long computations', () => {
  it('take turns: others wait for one slice, not for one of each', async () => {
    let done = 0;
    const computations = Array.from({ length: 4 }, async () => {
      const slices = new Slices();
      for (let row = 0; row < 20; row += 1) {
        if (slices.isOver) await slices.next();
        compute(1);
        done += 1;
      }
    });
    let over = false;
    const all = Promise.all(computations).then(() => (over = true));
    const between: number[] = [];
    while (!over) {
      const before = done;
      await new Promise((resolve) => setImmediate(resolve));
      between.push(done - before);
    }
    await all;
    expect(done).toBe(80);
    // A slice of 2 ms is three rows of 1 ms at most; without turns it would be twelve.
    expect(Math.max(...between.slice(1))).toBeLessThanOrEqual(4);
  });

  it('go on at once while their slice lasts', () => {
    expect(new Slices().isOver).toBe(false);
  });
});
