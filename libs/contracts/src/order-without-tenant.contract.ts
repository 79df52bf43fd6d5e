import { z } from 'zod';
import { deregistrationReasons, fieldLimits } from '@groundcrew/domain';
import { deregistrationPlanView } from './deregistration.contract.js';
import { newOrder } from './order.contract.js';

const name = (most: number) => z.string().trim().min(1).max(most).optional();

/**
 * A maker's order that names no tenant: it takes back what the same maker registered. Its rows name devices as the order did that
 * registered them; more that such a row said does no harm. Source: domain.md 8.5.
 */
export const orderWithoutTenant = z
  .strictObject({
    tenantId: z.literal('').meta({ description: 'Blank: the registrations are taken away.' }),
    reason: z.enum(deregistrationReasons).optional().meta({ description: 'Left out: a correction.' }),
    devices: z
      .array(
        z.looseObject({
          serialNumber: z.string().trim().min(1).max(fieldLimits.serialNumber),
          manufacturer: name(fieldLimits.manufacturer),
          model: name(fieldLimits.model),
        }),
      )
      .min(1)
      .max(50_000),
  })
  .meta({ id: 'OrderWithoutTenant' });
export type OrderWithoutTenant = z.output<typeof orderWithoutTenant>;

/** What an order's JSON is: devices to register for a tenant, or, with a blank one, to take back. */
export const orderOrRemoval = z.union([newOrder, orderWithoutTenant]).meta({ id: 'OrderOrRemoval' });

/** One plan for each customer whose devices the order names. Each is executed as it was read. */
export const deregistrationPlans = z
  .strictObject({ plans: z.array(deregistrationPlanView) })
  .meta({ id: 'DeregistrationPlans' });
