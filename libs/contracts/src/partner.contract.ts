import { z } from 'zod';
import { fieldLimits, partnerKinds, partnerStatuses, partnerStatusesAtFirst } from '@groundcrew/domain';
import { displayName, identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

export const newPartner = z
  .strictObject({
    id: identifier.optional(),
    kind: z.enum(partnerKinds),
    displayName,
    directoryTenantId: identifier.meta({ description: 'The directory tenant whose tokens speak for this partner.' }),
    status: z.enum(partnerStatusesAtFirst).optional().meta({ description: 'Only an active partner acts.' }),
  })
  .meta({ id: 'NewPartner' });
export type NewPartner = z.infer<typeof newPartner>;

export const partnerChange = z
  .strictObject({
    status: z.enum(partnerStatuses).optional(),
    indirectProviderId: identifier.nullable().optional().meta({
      description: 'The indirect provider behind a reseller: wherever the reseller is authorised, it is at once, too.',
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

/** A device that a partner registered for a customer, as the partners of that customer see it. */
export const partnerRegistrationView = z
  .strictObject({
    deviceId: identifier,
    tenantId: identifier,
    serialNumber: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    productKey: z.string().nullable(),
    groupTag: z.string().nullable(),
    purchaseOrderIdentifier: z.string().nullable(),
    registeredAt: moment,
    registeredBy: z.enum(['you', 'another_partner']),
  })
  .meta({ id: 'PartnerRegistration' });
export type PartnerRegistrationView = z.infer<typeof partnerRegistrationView>;
export const partnerRegistrationPage = pageOf('PartnerRegistrationPage', partnerRegistrationView);

const text = (most: number) => z.string().min(1).max(most).optional();
export const partnerRegistrationQuery = z.strictObject({
  ...pageQuery,
  tenantId: identifier.optional().meta({ description: 'Required.' }),
  serialNumber: text(fieldLimits.serialNumber),
  groupTag: text(fieldLimits.groupTag),
  purchaseOrderIdentifier: text(fieldLimits.purchaseOrderIdentifier),
});
export type PartnerRegistrationQuery = z.infer<typeof partnerRegistrationQuery>;
