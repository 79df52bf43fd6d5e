import { z } from 'zod';
import { consentStates, fieldLimits, inFlightChoices, partnerKinds, scopeRefusals } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';
import { runView } from './run.contract.js';

const listed = (most: number) => z.array(z.string().trim().min(1).max(most)).min(1).max(1000);

/** How far a consent reaches. What is left out is not limited. */
export const consentScope = z
  .strictObject({
    models: listed(fieldLimits.model).optional(),
    quantity: z.int().min(1).max(10_000_000).optional(),
    purchaseOrders: listed(fieldLimits.purchaseOrderIdentifier).optional(),
    notBefore: moment.optional(),
    notAfter: moment.optional(),
  })
  .meta({ id: 'ConsentScope' });

export const newConsent = z
  .strictObject({ partnerId: identifier, scope: consentScope.optional() })
  .meta({ id: 'NewConsent' });
export type NewConsent = z.input<typeof newConsent>;

export const newConsentRequest = z
  .strictObject({ tenantId: identifier, scope: consentScope.optional() })
  .meta({ id: 'NewConsentRequest' });
export type NewConsentRequest = z.input<typeof newConsentRequest>;

const consentShape = {
  id: identifier,
  tenantId: identifier,
  partnerId: identifier,
  state: z.enum(consentStates),
  scope: consentScope,
  registered: z.int().meta({ description: 'Devices registered under it; counted where the scope has a quantity.' }),
  inFlight: z.enum(inFlightChoices).nullable().meta({ description: 'What a revocation does to accepted orders.' }),
  requestedBy: z.string().nullable(),
  reminders: z.int(),
  operationId: identifier.nullable(),
  viaConsentId: identifier.nullable().meta({ description: "The reseller's consent that this one came with." }),
  delegatedAdministration: z.literal(false),
  decidedBy: z.string().nullable(),
  decidedAt: moment.nullable(),
  createdAt: moment,
  etag: z.string(),
};

export const consentView = z.strictObject(consentShape).meta({ id: 'Consent' });
export type ConsentView = z.infer<typeof consentView>;
export const consentPage = pageOf('ConsentPage', consentView);

/** One consent with who asks and everything that happened to it. Both sides read the same. */
export const consentRecord = z
  .strictObject({
    ...consentShape,
    partner: z.strictObject({ id: identifier, kind: z.enum(partnerKinds), displayName: z.string() }),
    history: z.array(
      z.strictObject({
        seq: z.int(),
        kind: z.string(),
        actor: z.string(),
        at: moment,
        data: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: 'ConsentRecord' });
export type ConsentRecord = z.infer<typeof consentRecord>;

/** The answer to a partner that asked. The link is told this once. */
export const consentRequestView = z
  .strictObject({ consent: consentView, link: z.url(), operation: runView })
  .meta({ id: 'ConsentRequest' });
export type ConsentRequestView = z.infer<typeof consentRequestView>;

export const revokeQuery = z.strictObject({ inFlight: z.enum(inFlightChoices).optional() });

export const coverageQuery = z.strictObject({
  tenantId: identifier.optional().meta({ description: 'Required.' }),
  model: z.string().min(1).max(fieldLimits.model).optional(),
  purchaseOrderIdentifier: z.string().min(1).max(fieldLimits.purchaseOrderIdentifier).optional(),
  quantity: z.coerce.number().int().min(1).optional(),
});

const refusals = [
  'tenant.not-found',
  'partner.suspended',
  'partner.ended',
  'consent.missing',
  'consent.pending',
  'consent.declined',
  'consent.expired',
  'consent.revoked',
  ...scopeRefusals,
] as const;

/** Is this order covered, and if not why? */
export const coverageView = z
  .strictObject({ covered: z.boolean(), code: z.enum(refusals).nullable(), message: z.string().nullable() })
  .meta({ id: 'ConsentCoverage' });
export type CoverageView = z.infer<typeof coverageView>;
