import { z } from 'zod';
import { fieldLimits } from '@groundcrew/domain';
import { deviceProfile } from './assignment.contract.js';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

/** A registered device with what each subsystem was observed to hold. A hash never leaves. */
export const deviceView = z
  .strictObject({
    id: identifier,
    tenantId: identifier,
    serialNumber: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    productKey: z.string().nullable(),
    ownership: z.enum(['company_owned', 'school_owned']).meta({ description: 'How it enrols and shows.' }),
    groupTag: z.string().nullable(),
    purchaseOrderIdentifier: z.string().nullable(),
    assignedUserPrincipalName: z.string().nullable().meta({ description: 'For whom it is meant.' }),
    displayName: z.string().nullable().meta({ description: 'What the computer is to be called.' }),
    registration: z.strictObject({
      state: z.literal('registered'),
      registeredAt: moment,
      registrar: z.enum(['partner', 'tenant', 'automatic']),
      operationId: identifier,
      line: z.int(),
    }),
    directory: z.union([
      z.strictObject({ state: z.literal('observed'), objectId: identifier, observedAt: moment }),
      z.strictObject({ state: z.literal('pending') }),
    ]),
    profile: deviceProfile,
    etag: z.string(),
  })
  .meta({ id: 'Device' });
export type DeviceView = z.infer<typeof deviceView>;
export const devicePage = pageOf('DevicePage', deviceView);

const text = (most: number) => z.string().min(1).max(most).optional();
export const deviceQuery = z.strictObject({
  ...pageQuery,
  serialNumber: text(fieldLimits.serialNumber),
  groupTag: text(fieldLimits.groupTag),
  purchaseOrderIdentifier: text(fieldLimits.purchaseOrderIdentifier),
  manufacturer: text(fieldLimits.manufacturer),
  model: text(fieldLimits.model),
});
export type DeviceQuery = z.infer<typeof deviceQuery>;
