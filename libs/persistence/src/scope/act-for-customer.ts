import type { Unit } from './with-scope.js';

/**
 * From here to the end of the transaction its partner acts for this customer: the customer's rows are visible to it. Only after the
 * partner's right was decided in the same transaction, whose rows are still held.
 */
export async function actForCustomer(unit: Unit, tenantId: string): Promise<void> {
  await unit.query(`select set_config('groundcrew.tenant_id', $1, true)`, [tenantId]);
}
