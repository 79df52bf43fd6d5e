import { describe, expect, it } from '@jest/globals';
import { Foreground } from './foreground.js';

const large = 1_000_000;

/** Whether a promise is settled by what was said so far. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), new Promise<boolean>((no) => setImmediate(() => no(false)))]);
}

describe('a body that arrives beside questions', () => {
  it('does not wait where nobody is being answered', async () => {
    expect(await isOver(new Foreground().giveWay(large))).toBe(true);
  });

  it('does not wait where it is short', async () => {
    const foreground = new Foreground();
    foreground.attend();
    expect(await isOver(foreground.giveWay(1_000))).toBe(true);
  });

  it('goes on when all of them have been answered', async () => {
    const foreground = new Foreground();
    const [first, second] = [foreground.attend(), foreground.attend()];
    const given = foreground.giveWay(large);
    first();
    first();
    expect(await isOver(given)).toBe(false);
    second();
    expect(await isOver(given)).toBe(true);
  });

  it('goes on after a moment where somebody is never answered, and does not wait for that one again', async () => {
    const foreground = new Foreground();
    const answered = foreground.attend();
    // Until that one has had its time; each is a chunk.
    for (let chunk = 0; !(await isOver(foreground.giveWay(large))); chunk += 1) {
      expect(chunk).toBeLessThan(1_000);
      await foreground.giveWay(large);
    }
    answered();
    expect(await isOver(foreground.giveWay(large))).toBe(true);
  });
});
