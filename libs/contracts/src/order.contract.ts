import { z } from 'zod';
import { fieldLimits } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

export const groupTag = z.string().trim().min(1).max(fieldLimits.groupTag);
export const purchaseOrderIdentifier = z.string().trim().min(1).max(fieldLimits.purchaseOrderIdentifier);

/** How Partner Center calls the name of a list of devices. Source: domain.md 11. */
export const batchId = z.string().trim().min(1).max(128).meta({
  description: 'A name for this list of devices: its sender has no other list of that name for the customer.',
});

/** What a device of an order may say. For readers of the OpenAPI page: the rows themselves are judged one by one. */
export const orderDevice = z
  .looseObject({
    manufacturer: z.string().optional(),
    model: z.string().optional(),
    serialNumber: z.string().optional(),
    productKey: z.string().optional(),
    hardwareIdentifier: z.string().optional().meta({ description: 'The 4K hardware hash, base64.' }),
    groupTag: z.string().optional(),
    purchaseOrderIdentifier: z.string().optional(),
    assignedUserPrincipalName: z
      .string()
      .optional()
      .meta({ description: 'For whom the device is meant; its domain is one of the tenant.' }),
    displayName: z
      .string()
      .optional()
      .meta({ description: 'What the computer is to be called: at most 15 characters.' }),
  })
  .meta({ id: 'OrderDevice' });

/** The envelope of an order, strict. A device's own fault is the verdict of its row and never refuses the order. */
export const newOrder = z
  .strictObject({
    tenantId: identifier,
    purchaseOrderIdentifier: purchaseOrderIdentifier.optional(),
    groupTag: groupTag.optional(),
    batchId: batchId.optional(),
    validateOnly: z.boolean().optional(),
    devices: z.array(z.unknown().meta({ $ref: '#/components/schemas/OrderDevice' })),
  })
  .meta({ id: 'NewOrder' });
export type NewOrder = z.infer<typeof newOrder>;

/** What a JSON Lines or CSV order brings beside its rows. */
export const orderQuery = z.strictObject({
  tenantId: identifier
    .optional()
    .meta({ description: 'Required with JSON Lines and CSV; a JSON order names it in its body.' }),
  purchaseOrderIdentifier: purchaseOrderIdentifier.optional(),
  groupTag: groupTag.optional(),
  batchId: batchId.optional(),
  validateOnly: z
    .stringbool({ truthy: ['true'], falsy: ['false'] })
    .optional()
    .meta({ description: 'Gives every row its verdict and registers nothing.' }),
});

export const orderView = z
  .strictObject({
    id: identifier,
    tenantId: identifier,
    partnerId: identifier,
    purchaseOrderIdentifier: z.string().nullable(),
    batchId: z.string().nullable(),
    createdAt: moment,
    operations: z.array(identifier),
    reconciliation: z
      .strictObject({
        shipped: z.int().meta({
          description: 'Rows of all deliveries. A replacement that is done counts instead of what was before it.',
        }),
        accepted: z.int().meta({ description: 'Those of them whose device was registered for the order.' }),
        registered: z.int().meta({ description: 'Devices of this order that are registered now.' }),
        firstSeen: z.int().meta({ description: 'Those of them that have started and enrolled since.' }),
      })
      .optional()
      .meta({ description: 'What was shipped and what became of it; where one order is read.' }),
  })
  .meta({ id: 'Order' });
export type OrderView = z.infer<typeof orderView>;

export const orderListQuery = z.strictObject({
  ...pageQuery,
  tenantId: identifier.optional(),
  batchId: batchId.optional(),
});

export const orderPage = pageOf('OrderPage', orderView);
