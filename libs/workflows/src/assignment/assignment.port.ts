import type { ChunkReference, RunReference } from '../registration-order/registration-order.port.js';

/** What an assignment run needs of the registry. Each act may be repeated: it finds what it did before. */
export interface AssignmentActivities {
  /** Takes the run up: which changes it answers, which devices may move, and in which chunks. */
  openAssignment(run: RunReference): Promise<{ closed: boolean; chunkCount: number }>;

  /**
   * Writes what each device of the chunk had and what it is due now, then reads it back.
   *
   * @returns `stop` where somebody asked the run to stop: nothing was written
   */
  assignChunk(chunk: ChunkReference): Promise<{ stop: boolean }>;

  /** Puts the chunk's devices back to what they had, but for those that booted meanwhile, and reads it back. */
  putBackChunk(chunk: ChunkReference): Promise<void>;

  /** Closes the run, and begins the next one where something changed meanwhile; or says that its work must be put back first. */
  closeAssignment(run: RunReference): Promise<{ putBackFirst: boolean; outcome: AssignmentOutcome }>;
}

/** What came of an assignment run, in devices. */
export interface AssignmentOutcome {
  devices: number;
  /** Got another profile, or the next version of theirs. */
  moved: number;
  unchanged: number;
  /** Are due a profile that does not fit them. */
  failed: number;
  /** Were taken out while the run was under way. */
  gone: number;
  /** Have again what they had, because the run was cancelled. */
  putBack: number;
  /** Keep what they got though the run was cancelled: they had booted with it. */
  kept: number;
}
