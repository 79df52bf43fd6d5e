import type { ConsentView } from '@groundcrew/contracts';
import type { Cell } from '../output/table.js';

/** What is known about a consent. */
export function factsOfConsent(consent: ConsentView): (readonly [string, Cell])[] {
  return [
    ['Consent', consent.id],
    ['Tenant', consent.tenantId],
    ['Partner', consent.partnerId],
    ['State', consent.state],
    ['Decided by', consent.decidedBy],
    ['Decided', consent.decidedAt],
  ];
}
