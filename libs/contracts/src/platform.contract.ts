import { z } from 'zod';
import { permissions, roles } from '@groundcrew/domain';
import { identifier } from './identifiers.contract.js';

/** Who the caller is to this service. */
export const whoamiView = z
  .strictObject({
    principal: z.string(),
    kind: z.enum(['user', 'application']),
    roles: z.array(z.enum(roles)),
    permissions: z.array(z.enum(permissions)),
    tenantId: identifier.nullable(),
    partnerId: identifier.nullable(),
  })
  .meta({ id: 'Caller' });
export type WhoamiView = z.infer<typeof whoamiView>;

export const healthView = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });
