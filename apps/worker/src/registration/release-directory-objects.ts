import { loadReleasing, markReleaseAccepted, noteWait, settleRelease, type ChunkKey } from '@groundcrew/persistence';
import type { DirectoryPort } from '@groundcrew/subsystems';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

export interface ReleaseTools {
  pool: pg.Pool;
  directory: DirectoryPort;
  /** How long one attempt watches for the directory, in milliseconds. */
  observePatienceMs: number;
}

const step = 'release_directory_object';
const firstLookMs = 5;
const longestLookMs = 200;
const nextAttemptMs = 1_000;

/** Says to the directory that a chunk's registrations are no more. Which objects it then drops is its own affair. */
export async function releaseDirectoryObjects({ pool, directory }: ReleaseTools, chunk: ChunkKey): Promise<void> {
  const devices = await loadReleasing(pool, chunk);
  if (devices === null) return;
  await directory.release(requestKey(chunk), chunk.tenantId, devices);
  await markReleaseAccepted(pool, chunk);
}

/** Looks until no object is there for these registrations, but those that something else needs. */
export async function watchRelease(tools: ReleaseTools, chunk: ChunkKey): Promise<void> {
  const devices = await loadReleasing(tools.pool, chunk);
  if (devices === null) return;
  const deadline = performance.now() + tools.observePatienceMs;
  for (let wait = firstLookMs; ; wait = Math.min(wait * 2, longestLookMs)) {
    const seen = await tools.directory.observe(requestKey(chunk), chunk.tenantId, devices);
    const held = seen.objects.filter((object) => object.usedBy.includes('registration')).length;
    if (seen.applied && held === 0) {
      const kept = seen.objects.length;
      await settleRelease(tools.pool, chunk, { gone: devices.length - kept, kept });
      return;
    }
    if (performance.now() + wait > deadline) {
      const reason = seen.applied
        ? `${held} of ${devices.length} directory objects are still there`
        : 'the directory has not worked through the request yet';
      await noteWait(tools.pool, chunk, { step, reason, nextTryMs: nextAttemptMs });
      throw ApplicationFailure.create({
        type: 'NotYetObserved',
        message: reason,
        nextRetryDelay: nextAttemptMs,
        category: ApplicationFailureCategory.BENIGN,
      });
    }
    await pause(wait);
  }
}

/** The same key for the same chunk, however often it is asked: the directory takes it once. */
function requestKey(chunk: ChunkKey): string {
  return `${chunk.runId}/${step}/${chunk.chunk}`;
}
