import type { RunningStack } from './running-stack.js';

/** How much of everything that registrations leave behind a tenant has. Read from the tables, never through the ports. */
export async function standingOf({ admin }: RunningStack, tenantId: string): Promise<Record<string, number>> {
  const { rows } = await admin.query<Record<string, number>>(
    `select (select count(*)::int from registry.device where tenant_id = $1) as devices,
            (select count(*)::int from registry.device_hash where tenant_id = $1) as hashes,
            (select count(*)::int from registry.identity_claim where tenant_id = $1) as claims,
            (select count(*)::int from registry.device_snapshot where tenant_id = $1) as snapshots,
            (select count(*)::int from registry.candidate_key k join registry.device_snapshot s on s.device_id = k.device_id
              where s.tenant_id = $1) as keys,
            (select count(*)::int from registry.candidate_key k where not exists
              (select 1 from registry.device_snapshot s where s.device_id = k.device_id)) as stray_keys,
            (select count(*)::int from registry.device_directory_object w join directory.device_object o on o.id = w.object_id
              where w.tenant_id = $1) as observed,
            (select count(*)::int from directory.device_object where tenant_id = $1) as objects,
            (select count(*)::int from registry.device_reservation where tenant_id = $1) as reserved,
            (select count(*)::int from registry.removed_registration where tenant_id = $1) as archived`,
    [tenantId],
  );
  return rows[0]!;
}
