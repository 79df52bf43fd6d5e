import type { RunKind } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { heldByOthers } from '../exclusion/device-reservations.js';
import { nowOfOrder } from '../orders/devices-of-order.js';
import type { RejectedRow } from './chunk-decision.js';
import type { ChunkKey } from './open-chunk.js';

/**
 * What "registered already" means to this run: where another run is working on the device its row is busy, and names that run; to
 * a replacement a device that its order brought is one that stays. Asked only where there are such rows.
 */
export async function refineVerdicts(
  client: pg.PoolClient,
  key: ChunkKey,
  kind: RunKind,
  rejected: RejectedRow[],
): Promise<RejectedRow[]> {
  const known = rejected.flatMap(({ verdict, detail }) =>
    verdict === 'already_registered' && detail?.deviceId !== undefined ? [detail.deviceId] : [],
  );
  if (known.length === 0) return rejected;
  const held = await heldByOthers(askOf(client), key.tenantId, known, key.runId);
  const busyWith = new Map(held.map(({ deviceId, runId }) => [deviceId, runId]));
  const ofOrder = kind === 'order_replacement' ? await nowOfOrder(client, key, known) : new Set<string>();
  return rejected.map((row) => {
    const deviceId = row.verdict === 'already_registered' ? row.detail?.deviceId : undefined;
    if (deviceId === undefined) return row;
    const runId = busyWith.get(deviceId);
    if (runId !== undefined) return { ...row, verdict: 'busy', detail: { ...row.detail, runId } };
    return ofOrder.has(deviceId) ? { ...row, verdict: 'kept' } : row;
  });
}
