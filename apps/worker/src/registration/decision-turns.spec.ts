import { describe, expect, it } from '@jest/globals';
import { DecisionTurns } from './decision-turns.js';

/** Work that ends when it is told to. */
function held() {
  let resolve!: (value: string) => void;
  let reject!: (fault: Error) => void;
  const promise = new Promise<string>((end, fail) => {
    resolve = end;
    reject = fail;
  });
  let begun = false;
  const work = () => {
    begun = true;
    return promise;
  };
  return { work, end: resolve, fail: reject, hasBegun: () => begun };
}

const round = () => new Promise((resolve) => setImmediate(resolve));

describe('turns in deciding', () => {
  it('lets the second chunk begin when the first one is decided', async () => {
    const turns = new DecisionTurns();
    const [first, second] = [held(), held()];
    const decided = [turns.take(1_000, first.work), turns.take(1_000, second.work)];
    await round();
    expect([first.hasBegun(), second.hasBegun()]).toEqual([true, false]);
    first.end('first');
    await round();
    expect(second.hasBegun()).toBe(true);
    second.end('second');
    expect(await Promise.all(decided)).toEqual(['first', 'second']);
  });

  it('does not have a single device wait for an order', async () => {
    const turns = new DecisionTurns();
    const [order, single] = [held(), held()];
    const decided = turns.take(1_000, order.work);
    const alone = turns.take(1, single.work);
    single.end('alone');
    expect(await alone).toBe('alone');
    order.end('order');
    await decided;
  });

  it('goes on after a chunk that could not be decided', async () => {
    const turns = new DecisionTurns();
    const [broken, next] = [held(), held()];
    const failing = turns.take(1_000, broken.work);
    const decided = turns.take(1_000, next.work);
    broken.fail(new Error('no part'));
    next.end('decided');
    await expect(failing).rejects.toThrow('no part');
    expect(await decided).toBe('decided');
  });
});
