import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import { openWindow } from '../window/window.js';
import type { RegistrationOrderActivities, RegistryPort, RunReference, RunTotals } from './registration-order.port.js';

export interface RegistrationOrderInput {
  run: RunReference;
  policy: RunPolicy;
  /** The first chunk that this execution handles; executions before it handled the others. */
  nextChunk: number;
  /** The first chunk that this execution takes back, where the run was cancelled. */
  nextToTakeBack?: number;
}

/** Says that a person told the run something. What it was lies in PostgreSQL. */
export const runCommanded = defineSignal('runCommanded');

/**
 * An order of devices, chunk by chunk: register what may be registered, have the directory create the objects, read
 * them back. Which row got which verdict lies in PostgreSQL; this tells only in what order things happen.
 */
export async function registrationOrder(input: RegistrationOrderInput): Promise<RunTotals> {
  const { run, policy } = input;
  const registry = proxyActivities<RegistrationOrderActivities>(activityOptions(policy));
  const directory = registry;
  let told = false;
  setHandler(runCommanded, () => {
    told = true;
  });

  // A chunk, and beside it how it is undone. The undo takes back whatever it finds done: nothing, half of it, or all.
  const register = async (first: number, last: number): Promise<void> => {
    for (const chunk of await registerSpan(registry, run, first, last)) {
      await directory.preCreateDirectoryObjects({ ...run, chunk });
      await directory.settleChunk({ ...run, chunk });
    }
  };
  const takeBack = async (number: number): Promise<void> => {
    const chunk = { ...run, chunk: number };
    const { releasing, restoring = 0 } = await registry.takeBackChunk(chunk);
    if (releasing > 0) {
      await directory.releaseDirectoryObjects(chunk);
      await directory.settleRelease(chunk);
    }
    // What a cancelled run had taken away is registered again, and gets its objects as every registration does.
    if (restoring > 0) {
      await directory.preCreateDirectoryObjects(chunk);
      await directory.settleChunk(chunk);
    }
  };

  let { nextChunk, nextToTakeBack = 1 } = input;
  for (;;) {
    told = false;
    const opened = await registry.openRun(run);
    if (opened.closed) return registry.closeRun(run);

    if (opened.cancelling) {
      await eachChunk({ ...policy, chunksPerActivity: 1 }, nextToTakeBack, opened.chunkCount, takeBack, {
        handOver: (next) => continueAsNew<typeof registrationOrder>({ ...input, nextToTakeBack: next }),
        until: () => told,
      });
    } else {
      await eachChunk(policy, nextChunk, opened.chunkCount, register, {
        handOver: (next) => continueAsNew<typeof registrationOrder>({ ...input, nextChunk: next }),
        until: () => told,
      });
    }
    // Told something in between: what it was decides how it goes on.
    if (told) {
      nextToTakeBack = 1;
      continue;
    }

    const totals = await registry.closeRun(run);
    if (totals.standing === 'parked') await condition(() => told);
    else if (totals.standing !== 'cancelling') return totals;
    [nextChunk, nextToTakeBack] = [1, 1];
  }
}

/** @returns the chunks whose devices still wait for their directory objects. One chunk is asked for as it always was. */
async function registerSpan(registry: RegistryPort, run: RunReference, first: number, last: number): Promise<number[]> {
  if (last > first) return (await registry.registerChunks({ ...run, first, last })).awaiting;
  const { awaiting } = await registry.registerChunk({ ...run, chunk: first });
  return awaiting === 0 ? [] : [first];
}

/** How many chunks the next activity takes: several while many are left; the last ones are shared out one by one. */
function spanOf({ chunksInFlight, chunksPerActivity = 1 }: RunPolicy, left: number): number {
  return left > chunksInFlight * chunksPerActivity ? chunksPerActivity : 1;
}

/** A few spans of chunks at once, from the first to the last; drained before the history grows too long, and where it is told to stop. */
async function eachChunk(
  policy: RunPolicy,
  first: number,
  last: number,
  work: (first: number, last: number) => Promise<void>,
  how: { handOver: (next: number) => Promise<never>; until?: () => boolean },
): Promise<void> {
  const inFlight = openWindow(policy.chunksInFlight);
  for (let number = first; number <= last;) {
    await inFlight.room();
    if (how.until?.() === true) break;
    if (workflowInfo().historyLength > policy.historyBudget) {
      // Drained first, so that no answer is on its way to an execution that is gone.
      await inFlight.drained();
      await how.handOver(number);
    }
    const begin = number;
    number += spanOf(policy, last - begin + 1);
    const end = number - 1;
    inFlight.launch(() => work(begin, end));
  }
  await inFlight.drained();
}
