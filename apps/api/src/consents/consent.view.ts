import type { ConsentRecord, ConsentView } from '@groundcrew/contracts';
import { findPartner, listConsentEvents, type Consent, type Unit } from '@groundcrew/persistence';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf, momentOrNull } from '../routes/moments.js';
import { etagOf } from '../routes/versions.js';

export function toConsentView(consent: Consent): ConsentView {
  return {
    id: consent.id,
    tenantId: consent.tenantId,
    partnerId: consent.partnerId,
    state: consent.state,
    scope: scopeOf(consent),
    registered: consent.registered,
    inFlight: consent.inFlight ?? null,
    requestedBy: consent.requestedBy ?? null,
    reminders: consent.reminders,
    operationId: consent.runId ?? null,
    viaConsentId: consent.viaConsentId ?? null,
    delegatedAdministration: false,
    decidedBy: consent.decidedBy ?? null,
    decidedAt: momentOrNull(consent.decidedAt),
    createdAt: momentOf(consent.createdAt),
    etag: etagOf(consent.version),
  };
}

/** The consent with who asks for it and its history, as both sides read it. */
export async function toConsentRecord(unit: Unit, consent: Consent): Promise<ConsentRecord> {
  const partner = await findPartner(unit, consent.partnerId);
  if (partner === null) throw new ProblemError('partner.not-found');
  const history = await listConsentEvents(unit, consent.id);
  return {
    ...toConsentView(consent),
    partner: { id: partner.id, kind: partner.kind, displayName: partner.displayName },
    history: history.map(({ seq, kind, actor, at, data }) => ({ seq, kind, actor, at: momentOf(at), data })),
  };
}

function scopeOf({ scope }: Consent): ConsentView['scope'] {
  const { models, purchaseOrders, ...rest } = scope;
  return {
    ...rest,
    ...(models !== undefined && { models: [...models] }),
    ...(purchaseOrders !== undefined && { purchaseOrders: [...purchaseOrders] }),
  };
}
