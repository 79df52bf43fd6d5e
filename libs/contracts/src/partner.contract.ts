import { z } from 'zod';
import { partnerKinds, partnerStatuses } from '@groundcrew/domain';
import { displayName, identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

export const newPartner = z
  .strictObject({
    id: identifier.optional(),
    kind: z.enum(partnerKinds),
    displayName,
    directoryTenantId: identifier.meta({ description: 'The directory tenant whose tokens speak for this partner.' }),
  })
  .meta({ id: 'NewPartner' });
export type NewPartner = z.infer<typeof newPartner>;

export const partnerChange = z
  .strictObject({
    status: z.enum(partnerStatuses).optional(),
    indirectProviderId: identifier.nullable().optional().meta({
      description:
        'The indirect provider behind a reseller: it is authorised with the reseller from the next consent on.',
    }),
  })
  .meta({ id: 'PartnerChange' });
export type PartnerChange = z.infer<typeof partnerChange>;

export const partnerView = z
  .strictObject({
    id: identifier,
    kind: z.enum(partnerKinds),
    displayName: z.string(),
    directoryTenantId: identifier,
    status: z.enum(partnerStatuses),
    indirectProviderId: identifier.nullable(),
    createdAt: moment,
    etag: z.string(),
  })
  .meta({ id: 'Partner' });
export type PartnerView = z.infer<typeof partnerView>;

export const partnerPage = pageOf('PartnerPage', partnerView);
