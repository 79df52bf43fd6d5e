import type { Unit } from '../scope/with-scope.js';

/** The chain of what belongs to no tenant: partners and tenants are onboarded there. */
export const platformChain = '00000000-0000-0000-0000-000000000000';

export interface AuditEntry {
  /** Whose chain. */
  tenantId: string;
  actor: string;
  action: string;
  object: string;
  data: Record<string, unknown>;
  requestId: string;
}

/** Adds a link to the chain. It locks the chain's head, so it comes last before commit, always. */
export async function appendAudit(unit: Unit, entry: AuditEntry): Promise<void> {
  await unit.query('select registry.append_audit($1, $2, $3, $4, $5::jsonb, $6)', [
    entry.tenantId,
    entry.actor,
    entry.action,
    entry.object,
    JSON.stringify(entry.data),
    entry.requestId,
  ]);
}
