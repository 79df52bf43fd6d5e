import type { RunView } from '@groundcrew/contracts';
import type { ApiClient } from '../api/api-client.js';
import { pause } from '../api/pause.js';
import { RunChanges, usualFollowing, type FollowOptions } from './run-changes.js';

export interface WatchOptions {
  /** The monitor is read no more often than this. */
  paceMilliseconds: number;
  interrupted: AbortSignal;
  following?: FollowOptions;
}

/**
 * The run's monitor, again and again until the run is done. Events only say *when* to look: what is shown is always what the
 * service's own monitor says, so that nothing is counted twice after a broken stream.
 */
export async function* watchRun(client: ApiClient, runId: string, options: WatchOptions): AsyncGenerator<RunView> {
  const changes = new RunChanges(client, runId, options.following ?? usualFollowing, options.interrupted);
  try {
    for (;;) {
      const run = await client.get<RunView>(`/operations/${encodeURIComponent(runId)}`);
      yield run;
      if (run.done) return;
      await pause(options.paceMilliseconds, options.interrupted);
      await changes.next();
      options.interrupted.throwIfAborted();
    }
  } finally {
    await changes.stop();
  }
}
