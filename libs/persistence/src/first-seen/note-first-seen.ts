import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';

/** A registered device and when somebody saw it. */
export interface SeenDevice {
  deviceId: string;
  /** ISO 8601. */
  seenAt: string;
}

/**
 * Notes when devices were first seen, as a set: what was noted before stays, and what is not registered is left out. Noted by whoever
 * goes through management's devices anyway.
 *
 * @returns how many were seen for the first time
 */
export async function noteFirstSeen(pool: pg.Pool, tenantId: string, seen: readonly SeenDevice[]): Promise<number> {
  if (seen.length === 0) return 0;
  return inTenant(pool, tenantId, async (client) => {
    const noted = await askOf(client)<{ device_id: string }>(
      `insert into registry.device_first_seen (tenant_id, device_id, seen_at)
       select d.tenant_id, d.id, w.seen_at
       from (select device_id, min(seen_at) as seen_at from unnest($2::uuid[], $3::timestamptz[]) as s (device_id, seen_at) group by 1) w
       join registry.device d on d.tenant_id = $1 and d.id = w.device_id order by d.id
       on conflict (tenant_id, device_id) do nothing returning device_id`,
      [tenantId, seen.map(({ deviceId }) => deviceId), seen.map(({ seenAt }) => seenAt)],
    );
    if (noted.length > 0)
      await client.query({
        name: 'audit_first_seen',
        text: `select registry.append_audit($1, 'service:worker', 'devices.first-seen', $2, $3::jsonb, null)`,
        values: [tenantId, `tenant/${tenantId}`, JSON.stringify({ devices: noted.length })],
      });
    return noted.length;
  });
}
