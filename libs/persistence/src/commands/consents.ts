import type { ConsentState } from '@groundcrew/domain';
import { ConsentRow, type Consent } from '../rows/tenancy.row.js';
import { sqlStateOf, type Unit } from '../scope/with-scope.js';

/** Holds the open consent between a partner and the tenant in scope still, until the transaction ends. */
export async function lockOpenConsent(unit: Unit, tenantId: string, partnerId: string): Promise<Consent | null> {
  const [open] = await unit.query<{ id: string }>(
    `select id from registry.consent where tenant_id = $1 and partner_id = $2 and state in ('requested', 'granted') for update`,
    [tenantId, partnerId],
  );
  return open === undefined ? null : await unit.em.findOne(ConsentRow, { id: open.id, tenantId });
}

/** Holds a consent still, until the transaction ends. */
export async function lockConsent(unit: Unit, tenantId: string, id: string): Promise<Consent | null> {
  await unit.query('select id from registry.consent where tenant_id = $1 and id = $2 for update', [tenantId, id]);
  return await unit.em.findOne(ConsentRow, { id, tenantId });
}

/** Writes what the tenant decided about a consent that the caller holds locked. */
export async function decideConsent(
  unit: Unit,
  decision: { id: string; tenantId: string; state: ConsentState; decidedBy: string },
): Promise<Consent> {
  await unit.change(
    `update registry.consent set state = $3, decided_by = $4, decided_at = now(), version = version + 1
     where id = $1 and tenant_id = $2`,
    [decision.id, decision.tenantId, decision.state, decision.decidedBy],
  );
  return await unit.em.findOneOrFail(ConsentRow, { id: decision.id, tenantId: decision.tenantId }, { refresh: true });
}

/**
 * Adds a consent that the tenant gives unasked.
 *
 * @returns `no_partner` where there is no such partner, `open` where another call was faster
 */
export async function addGrantedConsent(
  unit: Unit,
  consent: { id: string; tenantId: string; partnerId: string; decidedBy: string },
): Promise<Consent | 'no_partner' | 'open'> {
  await unit.query('savepoint consent');
  try {
    const added = await unit.change(
      `insert into registry.consent (id, tenant_id, partner_id, state, decided_by, decided_at)
       values ($1, $2, $3, 'granted', $4, now()) on conflict do nothing`,
      [consent.id, consent.tenantId, consent.partnerId, consent.decidedBy],
    );
    if (added === 0) return 'open';
  } catch (error) {
    // A tenant cannot see partners it has no tie with, so the foreign key is the one who knows.
    if (sqlStateOf(error) !== '23503') throw error;
    await unit.query('rollback to savepoint consent');
    return 'no_partner';
  }
  return await unit.em.findOneOrFail(ConsentRow, { id: consent.id, tenantId: consent.tenantId });
}
