import { z } from 'zod';
import { identifier, moment } from './identifiers.contract.js';
import { captureDeclaration } from './import.contract.js';
import { groupTag, purchaseOrderIdentifier } from './order.contract.js';
import { pageOf } from './page.contract.js';

/** Most bytes and parts of an upload. */
export const uploadLimits = { partBytes: 8 * 1024 * 1024, parts: 10_000 } as const;

const terms = {
  format: z.enum(['csv', 'jsonl']),
  groupTag: groupTag.optional(),
  purchaseOrderIdentifier: purchaseOrderIdentifier.optional(),
  validateOnly: z.boolean().optional(),
};

/** What a file that is sent in parts is: a tenant's import. */
export const newImportUpload = z.strictObject({ ...terms, ...captureDeclaration }).meta({ id: 'NewImportUpload' });
/** The same for a partner's order. */
export const newOrderUpload = z.strictObject({ tenantId: identifier, ...terms }).meta({ id: 'NewOrderUpload' });

const digest = z.string().regex(/^sha-256=:[A-Za-z0-9+/]{43}=:$/);

export const uploadCommit = z
  .strictObject({
    parts: z.int().min(1).max(uploadLimits.parts),
    digest: digest.optional().meta({ description: 'Of the file as a whole, as Content-Digest writes it.' }),
  })
  .meta({ id: 'UploadCommit' });

export const uploadView = z
  .strictObject({
    id: identifier,
    tenantId: identifier,
    partnerId: identifier.nullable(),
    format: z.enum(['csv', 'jsonl']),
    state: z.enum(['open', 'committed']),
    parts: z.int(),
    bytes: z.int(),
    operationId: identifier.nullable(),
    createdAt: moment,
    expiresAt: moment,
  })
  .meta({ id: 'Upload' });
export type UploadView = z.infer<typeof uploadView>;

export const uploadPartView = z.strictObject({ number: z.int(), bytes: z.int(), digest }).meta({ id: 'UploadPart' });
export type UploadPartView = z.infer<typeof uploadPartView>;
export const uploadPartPage = pageOf('UploadPartPage', uploadPartView);
