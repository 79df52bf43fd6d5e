import type { ChunkReference, RunReference, RunTotals } from '../registration-order/registration-order.port.js';

/** What a restore needs. Each act may be repeated: it finds what it did before. */
export interface RestoreActivities {
  openRestore(run: RunReference): Promise<{ closed: boolean; chunkCount: number }>;

  /** Registers the chunk's devices again as they were; who cannot be has his verdict. @returns how many wait for their object */
  restoreRegistrations(chunk: ChunkReference): Promise<{ awaiting: number }>;

  /** The directory has the objects again, with their tags, and the users are assigned again; then each row has its verdict. */
  restoreAtNeighbours(chunk: ChunkReference): Promise<void>;

  closeRestore(run: RunReference): Promise<RunTotals>;
}
