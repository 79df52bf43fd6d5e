import { describe, expect, it } from '@jest/globals';
import { NeighbourFault } from '@groundcrew/subsystems';
import { askNeighbour } from './ask-neighbour.js';
import { createPacer, paced } from './paced.js';

/** A clock that the test turns; pausing turns it too. */
function aClock() {
  let now = 1_000;
  return {
    now: () => now,
    async pause(milliseconds: number) {
      now += milliseconds;
    },
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}

describe('asking a neighbour at its own pace', () => {
  it('leaves one that is throttled alone until it may be asked again', async () => {
    const clock = aClock();
    let calls = 0;
    let fails = true;
    const port = paced(
      'management',
      {
        async retire(key: string) {
          calls += 1;
          if (fails) throw new NeighbourFault('neighbour.throttled', 'management', 5_000);
          return `took ${key}`;
        },
      },
      createPacer(undefined, clock),
    );
    await expect(port.retire('a')).rejects.toMatchObject({ code: 'neighbour.throttled', retryAfterMs: 5_000 });
    clock.pass(1_000);
    await expect(port.retire('a')).rejects.toMatchObject({ code: 'neighbour.throttled', retryAfterMs: 4_000 });
    expect(calls).toBe(1);
    fails = false;
    clock.pass(3_900);
    expect(await port.retire('a')).toBe('took a');
    expect(clock.now()).toBe(6_000);
  });

  it('does not take an error of another kind for a silence', async () => {
    const clock = aClock();
    const pacer = createPacer(undefined, clock);
    const broken = () => pacer.ask('directory', () => Promise.reject(new Error('a defect')));
    await expect(broken()).rejects.toThrow('a defect');
    expect(await pacer.ask('directory', () => Promise.resolve('asked at once'))).toBe('asked at once');
    expect(clock.now()).toBe(1_000);
  });
});

describe('asking a neighbour in an activity', () => {
  it('writes down why it waits and when it is tried again, and lets Temporal wait', async () => {
    const notes: unknown[] = [];
    const asking = askNeighbour(
      async (reason, nextTryMs) => notes.push({ reason, nextTryMs }),
      () => Promise.reject(new NeighbourFault('neighbour.throttled', 'partner_view', 3_000)),
    );
    await expect(asking).rejects.toMatchObject({
      name: 'ApplicationFailure',
      type: 'neighbour.throttled',
      nonRetryable: false,
      nextRetryDelay: 3_000,
    });
    expect(notes).toEqual([{ reason: 'the partner view has too much to do at the moment (429)', nextTryMs: 3_000 }]);
  });

  it('comes back soon to one that did not say when', async () => {
    await expect(
      askNeighbour(
        () => Promise.resolve(),
        () => Promise.reject(new NeighbourFault('neighbour.timed-out', 'directory')),
      ),
    ).rejects.toMatchObject({ type: 'neighbour.timed-out', nextRetryDelay: 500 });
  });

  it('hands on what is no silence', async () => {
    await expect(
      askNeighbour(
        () => Promise.resolve(),
        () => Promise.reject(new Error('a defect')),
      ),
    ).rejects.toThrow('a defect');
  });
});
