import type pg from 'pg';
import { inTransaction } from '../in-transaction.js';
import { acceptRequest } from '../requests/accepted-requests.js';
import type { SyncAnswer, SyncState } from './management.port.js';

/** One sync at a time per tenant, and one per interval. */
export async function acceptSync(
  pool: pg.Pool,
  key: string,
  tenantId: string,
  intervalMs: number,
): Promise<SyncAnswer> {
  return inTransaction(pool, async (client) => {
    await client.query({
      name: 'management_sync_row',
      text: `insert into management.sync (tenant_id, key, started_at, completed_at) values ($1, '', '-infinity', '-infinity')
             on conflict (tenant_id) do nothing`,
      values: [tenantId],
    });
    const { rows } = await client.query<{ key: string; running: boolean; wait_ms: number; taken_before: boolean }>({
      name: 'management_sync_lock',
      text: `select key, completed_at is null as running,
                    -- The first sync of a tenant began infinitely long ago.
                    case when isfinite(started_at)
                      then greatest(0, ceil(1000 * extract(epoch from started_at + $2 * interval '1 millisecond' - clock_timestamp())))
                      else 0 end::float8 as wait_ms,
                    exists (select from management.request r where r.key = $3) as taken_before
             from management.sync where tenant_id = $1 for update`,
      values: [tenantId, intervalMs, key],
    });
    const row = rows[0]!;
    if (row.taken_before) return { taken: true };
    if (row.running) return { taken: false, reason: 'running', retryAfterMs: Math.max(row.wait_ms, 1_000) };
    if (row.wait_ms > 0) return { taken: false, reason: 'too_soon', retryAfterMs: row.wait_ms };
    await client.query({
      name: 'management_sync_start',
      text: 'update management.sync set key = $2, started_at = clock_timestamp(), completed_at = null where tenant_id = $1',
      values: [tenantId, key],
    });
    await acceptRequest(client, 'management', { key, tenantId, act: 'sync', family: 'sync', targets: [] });
    return { taken: true };
  });
}

/** Management's list becomes what the directory says is registered; who is not listed any more has no assigned user. */
export async function applySync(client: pg.PoolClient, tenantId: string): Promise<void> {
  await client.query({
    name: 'management_sync_listed',
    text: `insert into management.registered_device (tenant_id, registration_id)
           select o.tenant_id, o.registration_id from directory.device_object o
           where o.tenant_id = $1 and o.registration_id is not null and o.released_at is null
           on conflict do nothing`,
    values: [tenantId],
  });
  await client.query({
    name: 'management_sync_gone',
    text: `with gone as (
             delete from management.registered_device r
             where r.tenant_id = $1 and not exists (select from directory.device_object o
               where o.registration_id = r.registration_id and o.tenant_id = r.tenant_id and o.released_at is null)
             returning r.registration_id)
           delete from management.assigned_user u using gone
           where u.tenant_id = $1 and u.registration_id = gone.registration_id`,
    values: [tenantId],
  });
  await client.query({
    name: 'management_sync_done',
    text: 'update management.sync set completed_at = clock_timestamp() where tenant_id = $1',
    values: [tenantId],
  });
}

export async function readSync(pool: pg.Pool, tenantId: string): Promise<SyncState> {
  const { rows } = await pool.query<{ running: boolean; started_at: Date; completed_at: Date | null }>({
    name: 'management_read_sync',
    text: `select completed_at is null as running, started_at, completed_at from management.sync
           where tenant_id = $1 and isfinite(started_at)`,
    values: [tenantId],
  });
  const row = rows[0];
  return {
    running: row?.running ?? false,
    lastStartedAt: row?.started_at.toISOString() ?? null,
    lastCompletedAt: row?.completed_at?.toISOString() ?? null,
  };
}
