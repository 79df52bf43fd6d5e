import { pause, type RunningStack } from '../../support/running-stack.js';
import type { Kill, Victim } from './plan-of-seed.js';

/** Pulls plugs and puts them in again, one at a time for each victim. */
export function openPlugs(world: RunningStack): (kill: Kill) => Promise<void> {
  const { postgres, temporal, apps } = world.stack;
  const app = (name: 'worker' | 'neighbours') => ({
    kill: () => apps[name].kill('SIGKILL'),
    // What is stopped is not started again before we say so.
    keepDown: () => apps[name].stop(),
    revive: () => untilUp(() => apps[name].start()),
  });
  const plugs: Record<Victim, { kill(): Promise<void>; keepDown(): Promise<void>; revive(): Promise<void> }> = {
    worker: app('worker'),
    neighbours: app('neighbours'),
    PostgreSQL: {
      // The immediate stop: every connection breaks, nothing is written down, the next start recovers.
      kill: () => endOf(() => postgres!.pid, 'SIGQUIT'),
      keepDown: () => postgres!.stop(),
      revive: () => postgres!.restart(),
    },
    Temporal: { kill: () => temporal!.kill(), keepDown: () => temporal!.stop(), revive: () => temporal!.restart() },
  };
  const turns = new Map<Victim, Promise<void>>();
  return ({ victim, pauseMs }) => {
    const turn = (turns.get(victim) ?? Promise.resolve()).then(async () => {
      await plugs[victim].kill();
      await plugs[victim].keepDown();
      await pause(pauseMs);
      await plugs[victim].revive();
    });
    turns.set(victim, turn);
    return turn;
  };
}

/** As whoever supervises it would: what comes up while PostgreSQL does not answer ends, and is started again. */
async function untilUp(start: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 90_000; ; await pause(250)) {
    try {
      return await start();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

async function endOf(pidOf: () => number | undefined, signal: NodeJS.Signals): Promise<void> {
  const pid = pidOf();
  if (pid === undefined) return;
  process.kill(pid, signal);
  while (pidOf() === pid) await pause(10);
}
