import { loadReleasing, markReleaseAccepted, settleRelease, type ChunkKey } from '@groundcrew/persistence/without-orm';
import { askNeighbour } from '../neighbours/ask-neighbour.js';
import { lookUntil } from '../neighbours/look-until.js';
import { notWorkedThrough, requestKey, waitingIn, type DirectoryStepTools } from './directory-step.js';

const step = 'release_directory_object';

/** Says to the directory that a chunk's registrations are no more. Which objects it then drops is its own affair. */
export async function releaseDirectoryObjects({ pool, directory }: DirectoryStepTools, chunk: ChunkKey): Promise<void> {
  const devices = await loadReleasing(pool, chunk);
  if (devices === null) return;
  await askNeighbour(waitingIn(step, pool, chunk), () =>
    directory.release(requestKey(step, chunk), chunk.tenantId, devices),
  );
  await markReleaseAccepted(pool, chunk);
}

/** Looks until no object is there for these registrations, but those that something else needs. */
export async function watchRelease(tools: DirectoryStepTools, chunk: ChunkKey): Promise<void> {
  const { pool, directory, observePatienceMs } = tools;
  const devices = await loadReleasing(pool, chunk);
  if (devices === null) return;
  const kept = await lookUntil({ patienceMs: observePatienceMs, note: waitingIn(step, pool, chunk) }, async () => {
    const { applied, objects } = await directory.observe(requestKey(step, chunk), chunk.tenantId, devices);
    const held = objects.filter((object) => object.usedBy.includes('registration')).length;
    if (applied && held === 0) return { seen: objects.length };
    return { missing: applied ? `${held} of ${devices.length} directory objects are still there` : notWorkedThrough };
  });
  await settleRelease(pool, chunk, { gone: devices.length - kept, kept });
}
