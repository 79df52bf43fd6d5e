import { z } from 'zod';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

/** One link of a tenant's audit chain; the hashes are hexadecimal SHA-256. */
export const auditEventView = z
  .strictObject({
    tenantId: identifier,
    seq: z.int(),
    actor: z.string(),
    action: z.string(),
    object: z.string(),
    data: z.record(z.string(), z.unknown()),
    requestId: z.string().nullable(),
    at: moment,
    previous: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEventView = z.infer<typeof auditEventView>;
export const auditEventPage = pageOf('AuditEventPage', auditEventView);
