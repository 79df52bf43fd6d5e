import type { Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from './keyset.js';

export interface AuditRecord {
  tenant_id: string;
  seq: number;
  actor: string;
  action: string;
  object: string;
  data: Record<string, unknown>;
  request_id: string | null;
  at: string;
  previous: Buffer;
  hash: Buffer;
}

/** A tenant's chain from its beginning. */
export async function listAuditEvents(unit: Unit, tenantId: string, page: Keyset<number>): Promise<Slice<AuditRecord>> {
  const found = await unit.query<AuditRecord>(
    `select tenant_id, seq::float8 as seq, actor, action, object, data, request_id, at, previous, hash
     from registry.audit_event where tenant_id = $1 and seq > $2 order by seq limit $3`,
    [tenantId, page.after ?? 0, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}
