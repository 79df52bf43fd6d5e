import { noteWait, type ChunkKey } from '@groundcrew/persistence/without-orm';
import type { DirectoryPort } from '@groundcrew/subsystems';
import type pg from 'pg';
import type { NoteWait } from '../neighbours/ask-neighbour.js';

/** What a chunk's step with the directory needs. */
export interface DirectoryStepTools {
  pool: pg.Pool;
  directory: DirectoryPort;
  /** How long one attempt watches for the directory, in milliseconds. */
  observePatienceMs: number;
}

/** What is waited for as long as the directory has taken the request and done nothing yet. */
export const notWorkedThrough = 'the directory has not worked through the request yet';

/** The same key for the same chunk, however often it is asked: the directory takes it once. */
export function requestKey(step: string, { runId, chunk }: ChunkKey): string {
  return `${runId}/${step}/${chunk}`;
}

/** Says in the chunk's step why it waits for the directory. */
export function waitingIn(step: string, pool: pg.Pool, chunk: ChunkKey): NoteWait {
  return (reason, nextTryMs) => noteWait(pool, chunk, { step, reason, nextTryMs });
}
