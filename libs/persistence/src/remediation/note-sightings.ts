import { remediationAfter, type HardwareSighting, type Remediation } from '@groundcrew/domain';
import type pg from 'pg';

/** New hardware that was seen under a registration. */
export interface SightedDevice {
  deviceId: string;
  sighting: HardwareSighting;
}

/**
 * Writes where devices stand after their hardware was seen, in the caller's transaction. Their rows are held, sorted; whoever calls
 * audits what is returned, and touches run and audit head after.
 *
 * @returns the devices that stand elsewhere now
 */
export async function noteSightings(
  client: pg.PoolClient,
  tenantId: string,
  sighted: readonly SightedDevice[],
): Promise<{ deviceId: string; remediation: Remediation | null }[]> {
  if (sighted.length === 0) return [];
  const present = await client.query<{ id: string; remediation: Remediation | null }>({
    name: 'hold_remediations',
    text: `select d.id, a.remediation from registry.device d
           left join registry.device_assignment a on a.tenant_id = d.tenant_id and a.device_id = d.id
           where d.tenant_id = $1 and d.id = any ($2::uuid[]) order by d.id for no key update of d`,
    values: [tenantId, sighted.map(({ deviceId }) => deviceId)],
  });
  const sightingOf = new Map(sighted.map(({ deviceId, sighting }) => [deviceId, sighting]));
  const changed = present.rows.flatMap(({ id, remediation }) => {
    const next = remediationAfter(remediation, sightingOf.get(id)!);
    return next === remediation ? [] : [{ deviceId: id, remediation: next }];
  });
  if (changed.length === 0) return [];
  await client.query({
    name: 'write_remediations',
    text: `insert into registry.device_assignment as a (tenant_id, device_id, state, source, remediation, remediation_at)
           select $1, w.device_id, 'unassigned', 'built_in', w.remediation, clock_timestamp()
           from unnest($2::uuid[], $3::text[]) as w (device_id, remediation)
           on conflict (tenant_id, device_id) do update
             set remediation = excluded.remediation,
                 remediation_at = case when excluded.remediation is not null then excluded.remediation_at end`,
    values: [tenantId, changed.map(({ deviceId }) => deviceId), changed.map(({ remediation }) => remediation)],
  });
  return changed;
}
