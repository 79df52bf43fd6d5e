import type { WakeUp } from '@groundcrew/subsystems';
import { setTimeout as pause } from 'node:timers/promises';

/** A neighbour at work: each works by itself, so that a large order in one does not hold up the others. */
export interface WorkingNeighbour {
  stop(): void;
  ended: Promise<void>;
}

/**
 * Applies what was accepted, at once when woken, and looks by itself from time to time.
 *
 * @param apply returns how many requests it applied
 */
export function startWorking(
  wakeUp: WakeUp,
  apply: () => Promise<number>,
  pollMs: number,
  onFault: (error: Error) => void,
): WorkingNeighbour {
  let stopping = false;
  const work = async (): Promise<void> => {
    while (!stopping) {
      try {
        if ((await apply()) === 0) await wakeUp.sleep(pollMs);
      } catch (error) {
        onFault(error as Error);
        await pause(pollMs);
      }
    }
    await wakeUp.close();
  };
  return {
    ended: work(),
    stop() {
      stopping = true;
      wakeUp.wake();
    },
  };
}
