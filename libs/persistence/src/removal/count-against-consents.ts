import type pg from 'pg';
import { addToRegistered } from '../registration/within-scope.js';

/**
 * Counts devices against the consents that they came with, in the order in which others hold those. What goes makes room again; what
 * comes back takes it. The devices are registered, or archived by this run.
 *
 * @param times 1 where they come back, -1 where they go
 */
export async function countAgainstConsents(
  client: pg.PoolClient,
  { runId, tenantId }: { runId: string; tenantId: string },
  devices: readonly string[],
  times: 1 | -1,
): Promise<void> {
  if (devices.length === 0) return;
  const { rows } = await client.query<{ consent_id: string; devices: number }>({
    name: 'consents_of_devices',
    text: `select r.consent_id, count(*)::integer as devices
           from (select d.source_run_id from registry.device d where d.tenant_id = $1 and d.id = any ($2::uuid[])
                 union all
                 select (a.device->>'source_run_id')::uuid from registry.removed_registration a
                 where a.tenant_id = $1 and a.run_id = $3 and a.device_id = any ($2::uuid[])
                   and not exists (select from registry.device d where d.tenant_id = $1 and d.id = a.device_id)) as s
           join registry.run r on r.id = s.source_run_id
           where r.consent_id is not null group by r.consent_id order by r.consent_id`,
    values: [tenantId, devices, runId],
  });
  for (const { consent_id, devices } of rows) await addToRegistered(client, consent_id, times * devices);
}
