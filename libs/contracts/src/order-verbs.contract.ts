import { z } from 'zod';
import { fieldLimits } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

const text = (most: number) => z.string().trim().min(1).max(most).optional();

/** What comes with rows that are added to an order, or replace it. */
export const orderVerbQuery = z.strictObject({
  purchaseOrderIdentifier: text(fieldLimits.purchaseOrderIdentifier),
  groupTag: text(fieldLimits.groupTag),
  validateOnly: z.stringbool().optional(),
});

/** Devices that are taken back, by their exact ids. */
export const orderReturn = z
  .strictObject({ deviceIds: z.array(identifier).min(1).max(100_000), reason: z.string().trim().max(500).optional() })
  .meta({ id: 'OrderReturn' });

export const orderVoid = z.strictObject({ reason: z.string().trim().min(1).max(500) }).meta({ id: 'OrderVoid' });

/** A device of an order as it is registered now. */
export const orderDeviceView = z
  .strictObject({
    deviceId: identifier,
    operationId: identifier,
    line: z.int(),
    serialNumber: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    productKey: z.string().nullable(),
    groupTag: z.string().nullable(),
    purchaseOrderIdentifier: z.string().nullable(),
    registeredAt: moment,
  })
  .meta({ id: 'OrderDeviceNow' });
export type OrderDeviceView = z.infer<typeof orderDeviceView>;
export const orderDevicePage = pageOf('OrderDevicePage', orderDeviceView);
