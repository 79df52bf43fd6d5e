import { z } from 'zod';
import { displayName, identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

export const newTenant = z
  .strictObject({
    id: identifier.optional().meta({ description: 'The tenant id of its directory; made up where it is left out.' }),
    kind: z.enum(['organisation', 'school']).optional(),
    displayName,
  })
  .meta({ id: 'NewTenant' });
export type NewTenant = z.infer<typeof newTenant>;

/** A tenant that leaves does not come back under the same record. */
export const tenantChange = z.strictObject({ state: z.literal('offboarded') }).meta({ id: 'TenantChange' });

export const tenantView = z
  .strictObject({
    id: identifier,
    kind: z.enum(['organisation', 'school']),
    displayName: z.string(),
    state: z.enum(['active', 'offboarded']),
    createdAt: moment,
    etag: z.string(),
  })
  .meta({ id: 'Tenant' });
export type TenantView = z.infer<typeof tenantView>;

export const tenantPage = pageOf('TenantPage', tenantView);
