import type { OrphanClass } from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

export interface OrphanFinding {
  id: string;
  class: OrphanClass;
  subject: string;
  registrationId: string | null;
  serialNumber: string | null;
  evidence: Record<string, unknown>;
  firstSeenAt: string;
  lastSeenAt: string;
  resolvedAt: string | null;
  runId: string;
}

/** What scans have found of a tenant, the longest known first. */
export async function listOrphans(
  unit: Unit,
  tenantId: string,
  filter: { class: OrphanClass | null; resolved: boolean },
  page: Keyset<string>,
): Promise<Slice<OrphanFinding>> {
  const found = await unit.query<OrphanFinding>(
    `select id, class, subject, registration_id as "registrationId", serial_number as "serialNumber", evidence,
            first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", resolved_at as "resolvedAt", seen_by_run as "runId"
     from registry.orphan_finding
     where tenant_id = $1 and ($2::uuid is null or id > $2::uuid) and ($3::text is null or class = $3)
       and resolved_at is ${filter.resolved ? 'not null' : 'null'}
     order by id limit $4`,
    [tenantId, page.after, filter.class, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}
