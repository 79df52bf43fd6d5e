import { z } from 'zod';
import { consentStates } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

export const newConsent = z.strictObject({ partnerId: identifier }).meta({ id: 'NewConsent' });
export type NewConsent = z.infer<typeof newConsent>;

export const consentView = z
  .strictObject({
    id: identifier,
    tenantId: identifier,
    partnerId: identifier,
    state: z.enum(consentStates),
    decidedBy: z.string().nullable(),
    decidedAt: moment.nullable(),
    createdAt: moment,
    etag: z.string(),
  })
  .meta({ id: 'Consent' });
export type ConsentView = z.infer<typeof consentView>;

export const consentPage = pageOf('ConsentPage', consentView);
