import { pause, type RunningStack } from './running-stack.js';

/** Holds a chunk of a run back while something happens, so that it happens in the run's middle. The chunk may come into being first. */
export async function whileChunkIsHeld(
  { admin }: RunningStack,
  chunk: { runId: string; number: number },
  meanwhile: () => Promise<void>,
): Promise<void> {
  const holder = await admin.connect();
  try {
    await holder.query('begin');
    const hold = 'select 1 from registry.run_chunk where run_id = $1 and number = $2 for update';
    while ((await holder.query(hold, [chunk.runId, chunk.number])).rowCount === 0) await pause(5);
    await meanwhile();
  } finally {
    await holder.query('commit');
    holder.release();
  }
}
