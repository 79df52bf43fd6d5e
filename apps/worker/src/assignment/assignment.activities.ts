import {
  assignChunk,
  closeAssignment,
  noteWait,
  openAssignment,
  putBackChunk,
  type ChunkEnd,
  type ChunkKey,
} from '@groundcrew/persistence/without-orm';
import type { AssignmentActivities } from '@groundcrew/workflows';
import { ApplicationFailure } from '@temporalio/common';
import type pg from 'pg';
import { keepAlive } from '../temporal/keep-alive.js';
import { retagDevices, type RetagTools } from './retag-devices.js';

export interface AssignmentTools extends RetagTools {
  /** How many devices one activity handles. */
  assignmentChunkSize: number;
}

const nextAttemptMs = 1_000;

/** What the workflow of an assignment run needs, on a real registry. */
export function createAssignmentActivities(tools: AssignmentTools): AssignmentActivities {
  const { pool, assignmentChunkSize } = tools;
  return {
    openAssignment: (run) => keepAlive(() => openAssignment(pool, run, assignmentChunkSize)),

    assignChunk: (chunk) =>
      keepAlive(async () => {
        const end = await readBackAgain(pool, chunk, 'assign_profile', () => assignChunk(pool, chunk));
        if (end === 'stop') return { stop: true };
        await retagDevices(tools, chunk.tenantId, (reason, nextTryMs) =>
          noteWait(pool, chunk, { step: 'assign_profile', reason, nextTryMs }),
        );
        return { stop: false };
      }),

    putBackChunk: (chunk) =>
      keepAlive(async () => {
        await readBackAgain(pool, chunk, 'put_back_profile', () => putBackChunk(pool, chunk));
      }),

    closeAssignment: (run) => keepAlive(() => closeAssignment(pool, run)),
  };
}

/** What does not read back as it was written is written again, and whoever watches sees why. */
async function readBackAgain(
  pool: pg.Pool,
  chunk: ChunkKey,
  step: string,
  work: () => Promise<ChunkEnd>,
): Promise<ChunkEnd> {
  const end = await work();
  if (end !== 'differs') return end;
  const reason = 'what was read back is not what was written';
  await noteWait(pool, chunk, { step, reason, nextTryMs: nextAttemptMs });
  throw ApplicationFailure.create({ type: 'NotYetObserved', message: reason, nextRetryDelay: nextAttemptMs });
}
