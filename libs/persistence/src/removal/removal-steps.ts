import type pg from 'pg';
import { noteStep, requestStep } from '../registration/chunk-steps.js';
import type { ChunkKey } from '../registration/open-chunk.js';

/** The registration is gone; the directory has still to let go of the objects. */
export async function writeRemovalSteps(client: pg.PoolClient, key: ChunkKey, devices: number): Promise<void> {
  await noteStep(client, key, 'remove_registration', devices);
  await requestStep(client, key, 'release_directory_object', devices);
}

/** Adds to what a run says it has undone, and put back. Just before the run's other counters: the row is locked from here on. */
export async function countTakenBack(
  client: pg.PoolClient,
  runId: string,
  { undone = 0, putBack = 0 }: { undone?: number; putBack?: number },
): Promise<void> {
  await client.query({
    name: 'count_taken_back',
    text: `update registry.run set taken_back = jsonb_build_object(
             'undone', coalesce((taken_back->>'undone')::integer, 0) + $2::integer,
             'putBack', coalesce((taken_back->>'putBack')::integer, 0) + $3::integer)
           where id = $1`,
    values: [runId, undone, putBack],
  });
}
