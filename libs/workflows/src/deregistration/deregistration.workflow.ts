import { stepsAfterTheLine, stepsBeforeTheLine, theLine, type DeregistrationPath } from '@groundcrew/domain';
import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import type { RunReference } from '../registration-order/registration-order.port.js';
import { runCommanded } from '../registration-order/registration-order.workflow.js';
import { openWindow } from '../window/window.js';
import type { DeregistrationActivities, DeregistrationTotals, DueChunk } from './deregistration.port.js';
import { UndoStack } from './undo-stack.js';

export interface DeregistrationInput {
  run: RunReference;
  policy: RunPolicy;
  /** Whether an execution before this one has been through all chunks. */
  onlyWhoWasLeftBehind: boolean;
}

/**
 * Takes devices out, chunk by chunk. Which device stands where lies in the ledger: a step asks for those that stand at it, so the
 * same story is told again for devices that were left behind, until none is left or only a person can help.
 */
export async function deregistration(input: DeregistrationInput): Promise<DeregistrationTotals> {
  const { run, policy } = input;
  const registry = actsOf(policy);
  const isOver = () => workflowInfo().historyLength > policy.historyBudget;
  let told = 0;
  setHandler(runCommanded, () => {
    told += 1;
  });

  let opened = await registry.openDeregistration(run);
  while (opened.graceMs > 0) {
    const heard = told;
    await condition(() => told > heard, opened.graceMs);
    opened = await registry.openDeregistration(run);
  }

  if (!input.onlyWhoWasLeftBehind) {
    const standing = await registry.standing({ ...run, each: 'chunk' });
    if (standing.closed) return standing.totals;
    const inFlight = openWindow(policy.chunksInFlight);
    for (const due of standing.due) {
      await inFlight.room();
      if (isOver()) break;
      inFlight.launch(() => deregisterChunk(input, opened.path, due, false));
    }
    await inFlight.drained();
  }

  // Whoever takes longer, wherever he stands: each waits for himself, outside the history.
  const underWay = new Set<string>();
  let waits = new CancellationScope();
  let failure: unknown;
  let ended = 0;
  for (;;) {
    const [heard, endedBefore] = [told, ended];
    if (isOver()) await continueAsNew<typeof deregistration>({ ...input, onlyWhoWasLeftBehind: true });
    const standing = await registry.standing({ ...run, each: 'step' });
    if (standing.closed) return standing.totals;
    for (const due of standing.due) {
      const name = `${due.chunk}/${due.undo ? 'undo' : due.steps[0]}`;
      if (underWay.has(name)) continue;
      underWay.add(name);
      const scope = waits;
      scope
        .run(() => deregisterChunk(input, opened.path, due, true))
        .catch((error: unknown) => {
          // An act that nobody waits for any more may end as it likes. One whose worker died meanwhile times out, and is not tried again.
          if (!isCancellation(error) && !scope.consideredCancelled) failure = error;
        })
        .finally(() => {
          underWay.delete(name);
          ended += 1;
        });
    }
    await condition(() => told > heard || ended > endedBefore || failure !== undefined || isOver());
    if (failure !== undefined) throw failure;
    // A person wants something, or the history is full: nobody waits any more, and what is left is found again in the ledger.
    if (told > heard || isOver()) {
      waits.cancel();
      await condition(() => underWay.size === 0);
      waits = new CancellationScope();
    }
  }
}

/** @param patient whether the first step waits until some of its devices go on; else who takes longer is left behind */
async function deregisterChunk(
  { run, policy }: DeregistrationInput,
  path: DeregistrationPath,
  due: DueChunk,
  patient: boolean,
): Promise<void> {
  const act = actsOf(policy);
  const chunk = { ...run, chunk: due.chunk };
  const isAhead = (step: (typeof due.steps)[number]) => due.steps.includes(step);
  const take = async (steps: readonly (typeof due.steps)[number][]): Promise<{ cancelled: boolean }> => {
    for (let left = steps.filter(isAhead); left.length > 0;) {
      const taken = await act.takeSteps({ ...chunk, steps: left, patient: patient && left[0] === due.steps[0] });
      if (taken.cancelled) return taken;
      left = taken.left;
    }
    return { cancelled: false };
  };
  const undo = new UndoStack();
  undo.push(() => act.verifyRestored(chunk));

  let cancelled = due.undo;
  const reversible = stepsBeforeTheLine(path);
  for (const step of reversible) undo.push(() => act.undoStep({ ...chunk, step }));
  if (!cancelled) ({ cancelled } = await take(reversible));
  // Without its registration the hardware may be claimed by another owner: a device that is past this only goes forward.
  if (!cancelled && isAhead(theLine)) ({ cancelled } = await act.removeRegistrations(chunk));
  // Takes back what was done to the devices of the chunk that are before the line, and to no other.
  if (cancelled) await undo.unwind();

  await take(stepsAfterTheLine(path));
}

/** An act that nobody waits for any more is ended before the next one begins: two must not ask for opposite things at once. */
function actsOf(policy: RunPolicy) {
  return proxyActivities<DeregistrationActivities>({
    ...activityOptions(policy),
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}
