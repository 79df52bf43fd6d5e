import type { CourseState, VerdictCounts } from '@groundcrew/domain';
import type pg from 'pg';
import type { ChunkKey } from '../registration/open-chunk.js';

/** Devices that have ended: each has its verdict, and is free for other runs. @returns how many ended how */
export async function endDevices(
  client: pg.PoolClient,
  key: ChunkKey,
  ended: readonly { deviceId: string; state: CourseState }[],
): Promise<VerdictCounts> {
  if (ended.length === 0) return {};
  const ids = ended.map(({ deviceId }) => deviceId);
  await client.query({
    text: `with ended as (
             update registry.deregistration_device d set ended_at = clock_timestamp(), next_try_at = null, waiting_for = null
             from unnest($3::uuid[]) as w (device_id) where d.run_id = $1 and d.device_id = w.device_id
             returning d.device_id, d.position, d.state, d.kept_because, d.difference)
           insert into registry.run_item (run_id, line, tenant_id, verdict, device_id, detail)
           select $1, e.position, $2, e.state, e.device_id,
             case when coalesce(e.difference, e.kept_because) is not null
               then jsonb_build_object('message', coalesce(e.difference, e.kept_because)) end
           from ended e on conflict do nothing`,
    values: [key.runId, key.tenantId, ids],
  });
  await client.query({
    text: 'delete from registry.device_reservation where tenant_id = $2 and run_id = $1 and device_id = any ($3::uuid[])',
    values: [key.runId, key.tenantId, ids],
  });
  const counts: Record<string, number> = {};
  for (const { state } of ended) counts[state] = (counts[state] ?? 0) + 1;
  return counts as VerdictCounts;
}
