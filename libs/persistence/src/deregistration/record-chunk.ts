import type { VerdictCounts } from '@groundcrew/domain';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { ChunkKey } from '../registration/open-chunk.js';
import { recordProgress } from '../registration/progress.js';

/** One event and one audit entry for a chunk, with the digest of what became of each of its devices. Last before commit. */
export async function recordChunk(
  client: pg.PoolClient,
  key: ChunkKey,
  kind: string,
  data: Record<string, unknown>,
  counts: VerdictCounts,
  devices: readonly { deviceId: string; state: string }[],
): Promise<void> {
  const digest = createHash('sha256');
  for (const { deviceId, state } of devices) digest.update(`${deviceId}:${state}\n`);
  await recordProgress(client, key, {
    counts,
    event: { kind, data },
    audit: { action: kind, data: { ...data, digest: digest.digest('hex') } },
  });
}
