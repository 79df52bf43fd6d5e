import { z } from 'zod';
import { displayNameFault, fieldLimits, userFault } from '@groundcrew/domain';
import { deviceProfile } from './assignment.contract.js';
import { identifier, moment } from './identifiers.contract.js';
import { groupTag } from './order.contract.js';
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
    firstSeenAt: moment.nullable().meta({ description: 'When it first enrolled, as far as was noticed.' }),
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

/** What people change of a registered device. What is not named stays; null takes it away. Source: domain.md 10.2. */
export const deviceChange = z
  .strictObject({
    groupTag: groupTag.nullable(),
    assignedUserPrincipalName: z
      .string()
      .trim()
      .refine((user) => userFault(user) === null, 'It is a principal name, like user@contoso.com.')
      .nullable()
      .meta({ description: 'For whom it is meant: of a domain of the tenant.' }),
    displayName: z
      .string()
      .trim()
      .min(1)
      .refine((name) => displayNameFault(name) === null, 'At most 15 letters, digits and hyphens, not all digits.')
      .nullable(),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'Say what is to change.')
  .meta({ id: 'DeviceChange' });
export type DeviceChange = z.infer<typeof deviceChange>;

/** A device that was changed. Its profile follows by a run where its group tag did. */
export const changedDevice = deviceView.extend({ operationId: identifier.nullable() }).meta({ id: 'ChangedDevice' });
export type ChangedDevice = z.infer<typeof changedDevice>;

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
