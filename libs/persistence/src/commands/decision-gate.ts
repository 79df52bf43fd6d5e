import type { Unit } from '../scope/with-scope.js';

/*
 * Chunks pass these gates together, and whoever decides holds one alone until the transaction ends. They are granted in the order in
 * which they were asked for, which the locks of rows are not: without them a decision waits for as long as an order has chunks under way.
 * Taken before any row that a chunk wants. `lock_registration_authority` knows the numbers, too.
 */
const gates = { tenant: 727_405, partner: 727_406 } as const;

/** Held by whoever decides about a consent of the tenant. */
export async function holdTenantGate(unit: Unit, tenantId: string): Promise<void> {
  await hold(unit, gates.tenant, tenantId);
}

/** Held by whoever changes a partner's standing. */
export async function holdPartnerGate(unit: Unit, partnerId: string): Promise<void> {
  await hold(unit, gates.partner, partnerId);
}

async function hold(unit: Unit, gate: number, id: string): Promise<void> {
  await unit.query('select pg_advisory_xact_lock($1, hashtext($2))', [gate, id]);
}
