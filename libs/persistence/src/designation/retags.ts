import type pg from 'pg';
import type { AskSql } from '../matching/candidate-index.js';
import { inTenant } from '../bulk/tenant-transaction.js';

/** A registered device whose object in the directory is to carry other tags. */
export interface Retag {
  deviceId: string;
  objectId: string;
  groupTag: string | null;
  purchaseOrder: string | null;
  /** Which change it answers: a later one is another retag. */
  change: string;
}

/** Asks, inside the transaction of a change, that the directory be told the devices' tags. The next assignment run does it. */
export async function requestRetags(ask: AskSql, tenantId: string, deviceIds: readonly string[]): Promise<void> {
  if (deviceIds.length === 0) return;
  await ask(
    `insert into registry.device_retag (tenant_id, device_id) select $1, id from unnest($2::uuid[]) as id order by id
     on conflict (tenant_id, device_id) do update set change = default, asked_at = clock_timestamp()`,
    [tenantId, deviceIds],
  );
}

/**
 * Tells the directory the new tags of devices that wait for it. The devices are held meanwhile: a tag that came after a release would
 * take the release back.
 *
 * @param tell asks the directory; it may be repeated
 * @returns what was told
 */
export async function tellRetags(
  pool: pg.Pool,
  tenantId: string,
  most: number,
  tell: (retags: readonly Retag[]) => Promise<void>,
): Promise<Retag[]> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<Retag>({
      name: 'load_retags',
      text: `select w.device_id as "deviceId", o.object_id as "objectId", d.group_tag as "groupTag",
               d.purchase_order as "purchaseOrder", w.change
             from registry.device_retag w
             join registry.device d on d.tenant_id = w.tenant_id and d.id = w.device_id
             join registry.device_directory_object o on o.tenant_id = w.tenant_id and o.device_id = w.device_id
             where w.tenant_id = $1 and not exists (select from registry.device_reservation r
               where r.tenant_id = w.tenant_id and r.device_id = w.device_id)
             order by w.device_id limit $2 for share of d`,
      values: [tenantId, most],
    });
    if (rows.length > 0) await tell(rows);
    return rows;
  });
}

/** The directory carries these tags; what changed meanwhile is told again. */
export async function forgetRetags(pool: pg.Pool, tenantId: string, told: readonly Retag[]): Promise<void> {
  await inTenant(pool, tenantId, (client) =>
    client.query(
      `delete from registry.device_retag w using unnest($2::uuid[], $3::bigint[]) as t (device_id, change)
       where w.tenant_id = $1 and w.device_id = t.device_id and w.change = t.change`,
      [tenantId, told.map(({ deviceId }) => deviceId), told.map(({ change }) => change)],
    ),
  );
}
