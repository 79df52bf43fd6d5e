/** Names a run to the worker. Ids only: no hash, no name, no row ever enters a workflow's history. */
export interface RunReference {
  runId: string;
  tenantId: string;
}

export interface ChunkReference extends RunReference {
  /** From 1. */
  chunk: number;
}

/** Chunks that follow each other. */
export interface ChunkSpan extends RunReference {
  first: number;
  /** Also one of them. */
  last: number;
}

/** What a registration order needs of the registry. Each act may be repeated: it finds what it did before. */
export interface RegistryPort {
  /** Takes the run up, or up again after it was told something. A run that is closed already is left alone. */
  openRun(run: RunReference): Promise<{ closed: boolean; chunkCount: number; cancelling?: boolean }>;

  /**
   * Decides every row of the chunk and registers the devices that may be, in one transaction; then goes on, as far as it comes, to what
   * the directory has to do for them. Bad rows are results; it fails only when the world does not answer.
   *
   * @returns how many devices still wait for their directory object: none, but where it was interrupted after the transaction
   */
  registerChunk(chunk: ChunkReference): Promise<{ awaiting: number }>;

  /** The same with several chunks, one after the other. @returns the numbers of those whose devices still wait */
  registerChunks(span: ChunkSpan): Promise<{ awaiting: number[] }>;

  /**
   * Takes back what the run did in a chunk, in one transaction: rows without a verdict are cancelled, what the run registered goes,
   * what was there before stays. A chunk of a run that takes registrations away does that here; where the run is cancelled, what is
   * gone already is registered again as it was.
   *
   * @returns how many devices the directory has now to let go of, or to make objects for again
   */
  takeBackChunk(chunk: ChunkReference): Promise<{ releasing: number; restoring?: number }>;

  /** Closes the run if it can be, and returns its totals and how it stands. */
  closeRun(run: RunReference): Promise<RunTotals>;
}

/** What a registration order needs of the directory. */
export interface DirectoryStepPort {
  /** Asks the directory for the chunk's device objects. Done when the directory has accepted. */
  preCreateDirectoryObjects(chunk: ChunkReference): Promise<void>;

  /**
   * Reads back the chunk's device objects and gives each row its verdict. A device that the directory refuses is
   * undone, for that device alone. Fails retryably while objects are still missing.
   */
  settleChunk(chunk: ChunkReference): Promise<void>;

  /** Says to the directory that the chunk's registrations are no more. Done when the directory has accepted. */
  releaseDirectoryObjects(chunk: ChunkReference): Promise<void>;

  /** Reads back that the directory has let go of them. Fails retryably while it has not. */
  settleRelease(chunk: ChunkReference): Promise<void>;
}

export interface RunTotals {
  received: number;
  registered: number;
  rejected: number;
  /** `closed` where nothing is left to do; a parked run waits for a person, a cancelling one is taken back. */
  standing?: 'closed' | 'parked' | 'cancelling';
}

export type RegistrationOrderActivities = RegistryPort & DirectoryStepPort;
