import type { PartnerView } from '@groundcrew/contracts';
import type { Cell } from '../output/table.js';

/** What is known about a partner. */
export function factsOfPartner(partner: PartnerView): (readonly [string, Cell])[] {
  return [
    ['Partner', partner.id],
    ['Kind', partner.kind],
    ['Name', partner.displayName],
    ['Directory tenant', partner.directoryTenantId],
    ['Status', partner.status],
    ['Indirect provider', partner.indirectProviderId],
  ];
}
