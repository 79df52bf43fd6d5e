import type { DeregistrationPath, DeregistrationStep } from '@groundcrew/domain';
import type { ChunkReference, RunReference } from '../registration-order/registration-order.port.js';

export interface StepsReference extends ChunkReference {
  /** In their order, and on one side of the line. */
  steps: DeregistrationStep[];
  /**
   * Whether to wait at the first one, outside the history, until some device goes on. Without it devices that take longer than the
   * others are left behind for later.
   */
  patient: boolean;
}

/** How far an act came. */
export interface TakenSteps {
  /** The run was cancelled before the line: nobody was asked for more. */
  cancelled: boolean;
  /** Steps that it did not come to, because somebody was waited for: an act takes no longer than its slowest step. */
  left: DeregistrationStep[];
}

/** Devices of a chunk that have not ended. */
export interface DueChunk {
  chunk: number;
  /** They are to be as they were before: the run was cancelled, or a person gave them up. */
  undo: boolean;
  /** The steps that are ahead of them, the next one first. */
  steps: DeregistrationStep[];
}

/** How a run stands. */
export type Standing =
  | { closed: true; totals: DeregistrationTotals }
  /** Nothing is due where only a person can help: the run then needs attention. */
  | { closed: false; due: DueChunk[] };

export interface DeregistrationTotals {
  devices: number;
  /** As they were before. */
  restored: number;
  /** Past the line, whatever became of them after it. */
  wentForward: number;
}

/** What a deregistration needs of the registry. Each act may be repeated: it finds what it did before. */
export interface DeregistrationRegistryPort {
  /** Takes the run up. @returns how much of its undo window is left; 0 where there is none, or nothing left to wait for */
  openDeregistration(run: RunReference): Promise<{ closed: boolean; path: DeregistrationPath; graceMs: number }>;

  /**
   * What is left to do; closes the run where that is nothing.
   *
   * @param question.each `chunk`: what is due of a chunk is one entry; `step`: one entry for each step at which devices of it stand
   */
  standing(question: RunReference & { each: 'chunk' | 'step' }): Promise<Standing>;

  /**
   * Takes the registrations of the chunk away, in one transaction. A cancel that came before it wins, and nothing is taken away.
   */
  removeRegistrations(chunk: ChunkReference): Promise<{ cancelled: boolean }>;

  /** Reads back whether the devices that were undone are as they were; who is not needs attention, with the exact difference. */
  verifyRestored(chunk: ChunkReference): Promise<void>;
}

/** What it needs of the neighbours. A step asks for all devices of the chunk that stand at it, and reads back what became of it. */
export interface DeregistrationStepPort {
  /** Takes one step after the other, as long as the neighbours keep up. */
  takeSteps(steps: StepsReference): Promise<TakenSteps>;

  /** Takes the step back for the devices that are before the line. There may be nothing to take back. */
  undoStep(step: ChunkReference & { step: DeregistrationStep }): Promise<void>;
}

export type DeregistrationActivities = DeregistrationRegistryPort & DeregistrationStepPort;
