import type { ConsentView } from '@groundcrew/contracts';
import type { Cell } from '../output/table.js';

/** What is known about a consent. */
export function factsOfConsent(consent: ConsentView): (readonly [string, Cell])[] {
  return [
    ['Consent', consent.id],
    ['Tenant', consent.tenantId],
    ['Partner', consent.partnerId],
    ['State', consent.state],
    ...factsOfScope(consent.scope),
    ...(consent.inFlight === null ? [] : [['In flight', consent.inFlight] as const]),
    ['Decided by', consent.decidedBy],
    ['Decided', consent.decidedAt],
  ];
}

/** How far it reaches; what is not limited is not said. */
function factsOfScope(scope: ConsentView['scope']): (readonly [string, Cell])[] {
  const { models, quantity, purchaseOrders, notBefore, notAfter } = scope;
  const limits: (readonly [string, Cell])[] = [
    ['Models', models?.join(', ') ?? null],
    ['Quantity', quantity ?? null],
    ['Purchase orders', purchaseOrders?.join(', ') ?? null],
    ['From', notBefore ?? null],
    ['Until', notAfter ?? null],
  ];
  const set = limits.filter(([, value]) => value !== null);
  return set.length === 0 ? [['Reaches', 'every device']] : set;
}
