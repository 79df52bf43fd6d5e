import { loadReleasing, markReleaseAccepted, noteWait, settleRelease, type ChunkKey } from '@groundcrew/persistence';
import type { DirectoryPort } from '@groundcrew/subsystems';
import type pg from 'pg';
import { askNeighbour, type NoteWait } from '../neighbours/ask-neighbour.js';
import { lookUntil } from '../neighbours/look-until.js';

export interface ReleaseTools {
  pool: pg.Pool;
  directory: DirectoryPort;
  /** How long one attempt watches for the directory, in milliseconds. */
  observePatienceMs: number;
}

const step = 'release_directory_object';

/** What is waited for as long as the directory has taken the request and done nothing yet. */
export const notWorkedThrough = 'the directory has not worked through the request yet';

/** Says to the directory that a chunk's registrations are no more. Which objects it then drops is its own affair. */
export async function releaseDirectoryObjects({ pool, directory }: ReleaseTools, chunk: ChunkKey): Promise<void> {
  const devices = await loadReleasing(pool, chunk);
  if (devices === null) return;
  await askNeighbour(waiting(pool, chunk), () => directory.release(requestKey(chunk), chunk.tenantId, devices));
  await markReleaseAccepted(pool, chunk);
}

/** Looks until no object is there for these registrations, but those that something else needs. */
export async function watchRelease(tools: ReleaseTools, chunk: ChunkKey): Promise<void> {
  const { pool, directory, observePatienceMs } = tools;
  const devices = await loadReleasing(pool, chunk);
  if (devices === null) return;
  const kept = await lookUntil({ patienceMs: observePatienceMs, note: waiting(pool, chunk) }, async () => {
    const { applied, objects } = await directory.observe(requestKey(chunk), chunk.tenantId, devices);
    const held = objects.filter((object) => object.usedBy.includes('registration')).length;
    if (applied && held === 0) return { seen: objects.length };
    return { missing: applied ? `${held} of ${devices.length} directory objects are still there` : notWorkedThrough };
  });
  await settleRelease(pool, chunk, { gone: devices.length - kept, kept });
}

/** Says in the chunk's step why it waits for the directory. */
function waiting(pool: pg.Pool, chunk: ChunkKey): NoteWait {
  return (reason, nextTryMs) => noteWait(pool, chunk, { step, reason, nextTryMs });
}

/** The same key for the same chunk, however often it is asked: the directory takes it once. */
function requestKey(chunk: ChunkKey): string {
  return `${chunk.runId}/${step}/${chunk.chunk}`;
}
