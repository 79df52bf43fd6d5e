import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { uuidV7 } from '../identifiers/uuid-v7.js';

/** How the one sync of a tenant stands for somebody who asked at a certain time. */
export type SyncStanding =
  /** A sync that began after it was asked for has ended. */
  | { kind: 'done' }
  /** This sync is begun, or is to be begun now, under this key. */
  | { kind: 'under_way'; key: string }
  /** None may begin before then. */
  | { kind: 'too_soon'; waitMs: number; why: string };

/**
 * Merges all requests of a tenant into the one sync that may run: whoever finds none under way begins it, for everybody who asked
 * before. Asked again after a crash it names the same sync, and beginning that twice is beginning it once.
 *
 * @param askedAt when the sync was asked for, as the database writes it; only one that begins later serves
 */
export async function joinSync(pool: pg.Pool, tenantId: string, askedAt: string): Promise<SyncStanding> {
  return inTenant(pool, tenantId, async (client) => {
    await client.query({
      name: 'sync_row',
      text: 'insert into registry.tenant_sync (tenant_id) values ($1) on conflict do nothing',
      values: [tenantId],
    });
    const { rows } = await client.query<{
      sync_id: string | null;
      served: boolean;
      wait_ms: number;
      waiting_for: string | null;
    }>({
      name: 'sync_standing',
      text: `select sync_id, waiting_for, coalesce(done_begun_at >= $2::timestamptz, false) as served,
               coalesce(extract(epoch from not_before - clock_timestamp()) * 1000, 0)::float8 as wait_ms
             from registry.tenant_sync where tenant_id = $1 for update`,
      values: [tenantId, askedAt],
    });
    const sync = rows[0]!;
    if (sync.served) return { kind: 'done' };
    if (sync.sync_id !== null) return { kind: 'under_way', key: sync.sync_id };
    if (sync.wait_ms > 0) return { kind: 'too_soon', waitMs: sync.wait_ms, why: sync.waiting_for ?? 'too soon' };
    const key = `${tenantId}/sync/${uuidV7(Date.now())}`;
    await client.query({
      name: 'sync_begin',
      text: `update registry.tenant_sync set sync_id = $2, begun_at = clock_timestamp(), not_before = null, waiting_for = null
             where tenant_id = $1`,
      values: [tenantId, key],
    });
    return { kind: 'under_way', key };
  });
}

/** The sync was not taken: nobody asks again before then. */
export async function postponeSync(
  pool: pg.Pool,
  tenantId: string,
  key: string,
  waitMs: number,
  why: string,
): Promise<void> {
  await inTenant(pool, tenantId, (client) =>
    client.query({
      name: 'sync_postponed',
      text: `update registry.tenant_sync
             set sync_id = null, begun_at = null, not_before = clock_timestamp() + $3 * interval '1 millisecond', waiting_for = $4
             where tenant_id = $1 and sync_id = $2`,
      values: [tenantId, key, waitMs, why],
    }),
  );
}

/** The sync has ended: it serves everybody who asked before it began. */
export async function endSync(pool: pg.Pool, tenantId: string, key: string): Promise<void> {
  await inTenant(pool, tenantId, (client) =>
    client.query({
      name: 'sync_ended',
      text: `update registry.tenant_sync set done_begun_at = begun_at, sync_id = null, begun_at = null
             where tenant_id = $1 and sync_id = $2`,
      values: [tenantId, key],
    }),
  );
}
