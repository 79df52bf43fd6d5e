import type pg from 'pg';
import { addToRegistered } from '../registration/within-scope.js';

/** Where the devices stand while they are counted, and by which run they came. */
const standing = {
  registered: `select d.source_run_id as id from registry.device d where d.tenant_id = $1 and d.id = any ($2::uuid[])`,
  archived: `select (a.device->>'source_run_id')::uuid as id from registry.removed_registration a
             where a.tenant_id = $1 and a.device_id = any ($2::uuid[])`,
} as const;

/**
 * Counts devices against the consents that they came with, in the order in which others hold those. What goes makes room again; what
 * comes back takes it.
 *
 * @param times 1 where they come back, -1 where they go
 */
export async function countAgainstConsents(
  client: pg.PoolClient,
  tenantId: string,
  where: keyof typeof standing,
  devices: readonly string[],
  times: 1 | -1,
): Promise<void> {
  if (devices.length === 0) return;
  const { rows } = await client.query<{ consent_id: string; devices: number }>({
    name: `consents_of_${where}`,
    text: `select r.consent_id, s.devices
           from (select w.id, count(*)::integer as devices from (${standing[where]}) as w group by w.id) as s
           join registry.run r on r.id = s.id
           where r.consent_id is not null order by r.consent_id`,
    values: [tenantId, devices],
  });
  for (const counted of rows) await addToRegistered(client, counted.consent_id, times * counted.devices);
}
