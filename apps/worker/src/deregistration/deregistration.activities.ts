import type { DeregistrationStep } from '@groundcrew/domain';
import {
  acceptStep,
  acceptUndo,
  beginStep,
  beginUndo,
  loadUndone,
  noteNeighbourFault,
  openDeregistration,
  removeChunk,
  settleRestored,
  settleStep,
  settleUndo,
  standingOf,
  type DeviceToUndo,
  type LedgerDevice,
  type DeviceStepKey,
  type StepOutcome,
} from '@groundcrew/persistence/without-orm';
import { isNeighbourFault } from '@groundcrew/subsystems';
import type { DeregistrationActivities } from '@groundcrew/workflows';
import { Context } from '@temporalio/activity';
import { setTimeout as pause } from 'node:timers/promises';
import { notYetObserved } from '../neighbours/look-until.js';
import { keepAlive } from '../temporal/keep-alive.js';
import { observeDirectoryObject, releaseRegistration } from './directory-steps.js';
import {
  assignUserAgain,
  removeComputerObject,
  restoreManagement,
  retireManagement,
  unassignUser,
  verifyGone,
} from './management-steps.js';
import { byKey, type StepDriver, type StepTools, type UndoDriver } from './step-driver.js';
import { syncManagement } from './sync-step.js';
import { differencesFromBefore } from './verify-restored.js';

export interface DeregistrationTools extends StepTools {
  /** How long one attempt watches before it makes room for others, in milliseconds. */
  observePatienceMs: number;
  /** After which time a step that was asked for needs a person, in milliseconds. */
  stepDeadlineMs: number;
}

const firstLookMs = 4;
const longestLookMs = 200;
const longestWaitMs = 60_000;

/** What the workflow of a deregistration needs, on a real registry and real neighbours. */
export function createDeregistrationActivities(tools: DeregistrationTools): DeregistrationActivities {
  const { pool } = tools;
  const steps = driversOf(tools);
  const undos = undoDriversOf(tools);
  return {
    openDeregistration: (run) => keepAlive(() => openDeregistration(pool, run)),
    standing: ({ each, ...run }) => keepAlive(() => standingOf(pool, run, each)),
    removeRegistrations: (chunk) => keepAlive(() => removeChunk(pool, chunk)),

    takeSteps: ({ patient, steps: wanted, ...chunk }) =>
      keepAlive(async () => {
        for (const [index, step] of wanted.entries()) {
          const driver = steps[step];
          if (driver === null) throw new Error(`${step} is not asked of a neighbour`);
          const { cancelled, devices, waiting } = await takeStep(tools, { ...chunk, step }, driver);
          if (cancelled) return { cancelled, left: [] };
          if (patient && index === 0 && waiting.length > 0 && waiting.length === devices) {
            // Tried again by the server, which adds nothing to the history.
            throw notYetObserved(waiting[0]!.why, Math.min(...waiting.map(({ nextTryMs }) => nextTryMs)));
          }
          if (waiting.length > 0 || Context.current().cancellationSignal.aborted)
            return { cancelled: false, left: wanted.slice(index + 1) };
        }
        return { cancelled: false, left: [] };
      }),

    undoStep: (key) =>
      keepAlive(async () => {
        const driver = undos[key.step];
        const devices = await beginUndo(pool, key);
        if (devices.length === 0) return;
        if (driver === null) throw new Error(`${key.step} cannot be taken back`);
        const { outcomes, waiting } = await answered(tools, key, () => takeBack(tools, key, driver, devices));
        await settleUndo(pool, key, outcomes);
        if (waiting > 0) throw notYetObserved(`${waiting} devices are not as they were yet`, 1_000);
      }),

    verifyRestored: (chunk) =>
      keepAlive(async () => {
        const devices = await loadUndone(pool, chunk);
        if (devices.length === 0) return;
        const step = { ...chunk, step: 'retire_management' as const };
        const differences = await answered(tools, step, () => differencesFromBefore(tools, chunk.tenantId, devices));
        await settleRestored(
          pool,
          chunk,
          devices.map(({ deviceId }) => deviceId),
          differences,
        );
      }),
  };
}

function driversOf(tools: StepTools): Record<DeregistrationStep, StepDriver | null> {
  return {
    retire_management: retireManagement(tools),
    unassign_user: unassignUser(tools),
    remove_registration: null,
    release_registration: releaseRegistration(tools),
    sync: syncManagement(tools),
    verify_gone: verifyGone(tools),
    remove_computer_object: removeComputerObject(tools),
    observe_directory_object: observeDirectoryObject(tools),
  };
}

function undoDriversOf(tools: StepTools): Record<DeregistrationStep, UndoDriver | null> {
  return {
    retire_management: restoreManagement(tools),
    unassign_user: assignUserAgain(tools),
    remove_registration: null,
    release_registration: null,
    sync: null,
    verify_gone: null,
    remove_computer_object: null,
    observe_directory_object: null,
  };
}

/** Takes the step for the devices of the chunk that stand at it. @returns how many those were, and who of them waits */
async function takeStep(tools: DeregistrationTools, key: DeviceStepKey, driver: StepDriver) {
  const { cancelled, devices } = await beginStep(tools.pool, key);
  if (devices.length === 0) return { cancelled, devices: 0, waiting: [] };
  const outcomes = await answered(tools, key, () => drive(tools, key, driver, devices));
  await settleStep(tools.pool, key, devices, outcomes);
  return { cancelled, devices: devices.length, waiting: [...outcomes.values()].filter(isWaiting) };
}

function isWaiting(outcome: StepOutcome): outcome is Extract<StepOutcome, { kind: 'waiting' }> {
  return outcome.kind === 'waiting';
}

/** Asks, and watches until everybody is through or patience is over. */
async function drive(
  tools: DeregistrationTools,
  key: DeviceStepKey,
  driver: StepDriver,
  devices: readonly LedgerDevice[],
): Promise<Map<string, StepOutcome>> {
  for (const [requestKey, group] of byKey(devices.filter(({ accepted }) => !accepted)))
    await driver.request(requestKey, key.tenantId, group);
  const began = performance.now();
  let accepted = devices.every((device) => device.accepted);
  for (let wait = firstLookMs; ; wait = Math.min(wait * 2, longestLookMs)) {
    const elapsed = performance.now() - began;
    const aged = devices.map((device) => ({ ...device, ageMs: device.ageMs + elapsed }));
    const outcomes = await driver.observe(key.tenantId, aged);
    const costMs = performance.now() - began - elapsed;
    const waits = aged.filter(({ deviceId }) => (outcomes.get(deviceId)?.kind ?? 'waiting') === 'waiting');
    if (waits.length === 0) return outcomes;
    // Written down once it is known that it takes its time; what is observed at once was accepted in between.
    if (!accepted && elapsed > longestLookMs) {
      await acceptStep(
        tools.pool,
        key,
        waits.map(({ deviceId }) => deviceId),
        driver.by,
      );
      accepted = true;
    }
    const enough = waits.every(({ deviceId }) => nextTryOf(outcomes.get(deviceId)) > longestWaitMs / 60);
    if (enough || elapsed + wait > tools.observePatienceMs || Context.current().cancellationSignal.aborted)
      return withPatience(tools, aged, outcomes);
    // A look at many devices costs those who do the work: half of the time is theirs.
    await pause(Math.max(wait, costMs));
  }
}

function nextTryOf(outcome: StepOutcome | undefined): number {
  return outcome?.kind === 'waiting' ? outcome.nextTryMs : 0;
}

/** Who waits is told when it is looked again; who has waited too long needs a person. */
function withPatience(
  tools: DeregistrationTools,
  devices: readonly LedgerDevice[],
  outcomes: Map<string, StepOutcome>,
): Map<string, StepOutcome> {
  for (const { deviceId, ageMs } of devices) {
    const outcome = outcomes.get(deviceId) ?? { kind: 'waiting', why: 'no answer yet', nextTryMs: 0 };
    if (outcome.kind !== 'waiting') continue;
    if (ageMs > tools.stepDeadlineMs) {
      outcomes.set(deviceId, { kind: 'attention', code: 'overdue', difference: outcome.why, answeredBy: null });
    } else {
      const usual = Math.min(Math.max(ageMs / 4, tools.observePatienceMs / 4), longestWaitMs);
      outcomes.set(deviceId, { ...outcome, nextTryMs: Math.max(outcome.nextTryMs, usual) });
    }
  }
  return outcomes;
}

async function takeBack(
  tools: DeregistrationTools,
  key: DeviceStepKey,
  driver: UndoDriver,
  devices: readonly DeviceToUndo[],
) {
  const open = (await driver.mayStillHappen?.(key.tenantId, devices)) ?? new Set();
  // All devices of one key are asked for together, or none.
  const held = new Set<string>();
  for (const [requestKey, group] of byKey(devices.filter(({ accepted }) => !accepted)))
    if (group.some(({ deviceId }) => open.has(deviceId))) held.add(requestKey);
    else await driver.request(requestKey, key.tenantId, group);
  const began = performance.now();
  for (let wait = firstLookMs; ; wait = Math.min(wait * 2, longestLookMs)) {
    const outcomes = await driver.observe(key.tenantId, devices);
    const waiting = devices.filter(({ deviceId }) => !outcomes.has(deviceId));
    if (waiting.length === 0) return { outcomes, waiting: 0 };
    const elapsed = performance.now() - began;
    if (elapsed + wait > tools.observePatienceMs) {
      await acceptUndo(
        tools.pool,
        key,
        waiting.filter(({ requestKey }) => !held.has(requestKey)).map(({ deviceId }) => deviceId),
        driver.by,
      );
      for (const { deviceId, ageMs } of waiting)
        if (ageMs + elapsed > tools.stepDeadlineMs)
          outcomes.set(deviceId, { kind: 'difference', difference: driver.late });
      return { outcomes, waiting: devices.length - outcomes.size };
    }
    await pause(wait);
  }
}

/** A neighbour that does not answer is waited for without end: as long as it asks for, or longer each time. Everybody can see why. */
async function answered<Result>(
  tools: DeregistrationTools,
  key: DeviceStepKey,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isNeighbourFault(error)) throw error;
    const { attempt } = Context.current().info;
    const nextTryMs = error.retryAfterMs ?? Math.min(200 * 2 ** Math.min(attempt, 10), longestWaitMs / 2);
    await noteNeighbourFault(tools.pool, key, error.message, nextTryMs);
    throw notYetObserved(error.message, nextTryMs);
  }
}
