import { z } from 'zod';
import { caseLimits, caseStates } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

/** A request to have Surface devices registered. Source: domain.md 1.2. */
export const newSurfaceCase = z
  .strictObject({
    domain: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/)
      .meta({ description: 'A domain of the tenant.' }),
    serialNumbers: z
      .string()
      .max(caseLimits.serialNumbers * (caseLimits.serialCharacters + 2))
      .meta({
        description: 'One per line.',
      }),
    proofOfOwnership: z.strictObject({
      mediaType: z.literal('application/pdf'),
      content: z.base64().meta({ description: 'The original invoice or bill of sale, at most 5 MiB.' }),
    }),
  })
  .meta({ id: 'NewSurfaceCase' });

export const surfaceCaseView = z
  .strictObject({
    id: identifier,
    tenantId: identifier,
    domain: z.string(),
    serialNumbers: z.array(z.string()),
    state: z.enum(caseStates),
    reason: z.string().nullable(),
    createdAt: moment,
    decidedAt: moment.nullable(),
    operationId: identifier
      .nullable()
      .meta({ description: 'The run that registers the devices, once it is approved.' }),
  })
  .meta({ id: 'SurfaceCase' });
export type SurfaceCaseView = z.infer<typeof surfaceCaseView>;
export const surfaceCasePage = pageOf('SurfaceCasePage', surfaceCaseView);
export const surfaceCaseQuery = z.strictObject({ ...pageQuery, state: z.enum(caseStates).optional() });

export const caseDecline = z
  .strictObject({ reason: z.string().trim().min(1).max(1_000) })
  .meta({ id: 'SurfaceCaseDecline' });
