import type { DeviceFacts } from '@groundcrew/domain';
import type pg from 'pg';
import { requestAssignment } from '../assignment/request-assignment.js';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';

/** What management says of the platform of a registered device. */
export interface ManagedFacts extends Pick<DeviceFacts, 'osFamily' | 'deviceType'> {
  deviceId: string;
}

/**
 * Writes what management says, where that is something and something new, and asks for the devices' profiles to be looked at again.
 *
 * @returns the devices of which it says something else than before
 */
export async function keepManagedFacts(
  pool: pg.Pool,
  tenantId: string,
  facts: readonly ManagedFacts[],
): Promise<string[]> {
  const said = facts.filter(({ osFamily, deviceType }) => osFamily !== null || deviceType !== null);
  if (said.length === 0) return [];
  return inTenant(pool, tenantId, async (client) => {
    const changed = await writeFacts(client, tenantId, said);
    if (changed.length === 0) return changed;
    const requestedBy = 'service:worker';
    await requestAssignment(askOf(client), tenantId, { kind: 'device', subject: null, requestedBy, devices: changed });
    await client.query({
      name: 'audit_managed_facts',
      text: `select registry.append_audit($1, $2, 'devices.platform-observed', $3, $4::jsonb, null)`,
      values: [tenantId, requestedBy, `tenant/${tenantId}`, JSON.stringify({ devices: changed })],
    });
    return changed;
  });
}

async function writeFacts(client: pg.PoolClient, tenantId: string, facts: readonly ManagedFacts[]): Promise<string[]> {
  const { rows } = await client.query<{ device_id: string }>({
    name: 'keep_managed_facts',
    text: `insert into registry.device_facts as f (tenant_id, device_id, managed_os_family, managed_device_type, version)
           select d.tenant_id, d.id, w.os_family, w.device_type, 0
           from (select distinct on (device_id) * from unnest($2::uuid[], $3::text[], $4::text[]) as w (device_id, os_family, device_type)) w
           join registry.device d on d.tenant_id = $1 and d.id = w.device_id order by d.id
           on conflict (tenant_id, device_id) do update
             set managed_os_family = excluded.managed_os_family, managed_device_type = excluded.managed_device_type,
                 updated_at = clock_timestamp()
             where (f.managed_os_family, f.managed_device_type) is distinct from (excluded.managed_os_family, excluded.managed_device_type)
           returning device_id`,
    values: [
      tenantId,
      facts.map(({ deviceId }) => deviceId),
      facts.map(({ osFamily }) => osFamily),
      facts.map(({ deviceType }) => deviceType),
    ],
  });
  return rows.map((row) => row.device_id);
}
