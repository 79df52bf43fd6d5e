import {
  endedByOffboarding,
  consentLifecycle,
  type ConsentScope,
  type ConsentState,
  type InFlightChoice,
} from '@groundcrew/domain';
import { ConsentRow, type Consent } from '../rows/tenancy.row.js';
import { RunRow, type Run } from '../rows/run.row.js';
import { sqlStateOf, type Unit } from '../scope/with-scope.js';
import { holdTenantGate } from './decision-gate.js';
import { authoriseProvider, revokeAlong, type ProviderConsent } from './provider-consents.js';

/** A consent as it was decided, and what came or ended with it: the consent of an indirect provider. */
export interface Decided {
  consent: Consent;
  along: ProviderConsent[];
}

/** Holds the open consent between a partner and the tenant in scope still, until the transaction ends. */
export async function lockOpenConsent(unit: Unit, tenantId: string, partnerId: string): Promise<Consent | null> {
  await holdTenantGate(unit, tenantId);
  const [open] = await unit.query<{ id: string }>(
    `select id from registry.consent where tenant_id = $1 and partner_id = $2 and state in ('requested', 'granted') for update`,
    [tenantId, partnerId],
  );
  return open === undefined ? null : await unit.em.findOne(ConsentRow, { id: open.id, tenantId });
}

/** Holds a consent still, until the transaction ends. */
export async function lockConsent(unit: Unit, tenantId: string, id: string): Promise<Consent | null> {
  await holdTenantGate(unit, tenantId);
  await unit.query('select id from registry.consent where tenant_id = $1 and id = $2 for update', [tenantId, id]);
  return await unit.em.findOne(ConsentRow, { id, tenantId });
}

/** The consent that a link asks about, held still. The link's secret is known by its digest alone. */
export async function lockConsentOfLink(unit: Unit, linkDigest: Buffer): Promise<Consent | null> {
  const [found] = await unit.query<{ id: string }>(
    'select id from registry.consent where link_digest = $1 for update',
    [linkDigest],
  );
  return found === undefined ? null : await unit.em.findOne(ConsentRow, { id: found.id });
}

/**
 * Writes what was decided about a consent that the caller holds locked, tells the run that waits for it, and takes along the
 * consent of an indirect provider: it is authorised with its reseller, and ends with it.
 */
export async function decideConsent(
  unit: Unit,
  decision: { id: string; tenantId: string; state: ConsentState; decidedBy: string; inFlight?: InFlightChoice },
): Promise<Decided> {
  const { id, tenantId, state, decidedBy, inFlight } = decision;
  await unit.change(
    `update registry.consent set state = $3, decided_by = $4, decided_at = now(), in_flight = $5, version = version + 1
     where id = $1 and tenant_id = $2`,
    [id, tenantId, state, decidedBy, inFlight ?? null],
  );
  const consent = await unit.em.findOneOrFail(ConsentRow, { id, tenantId }, { refresh: true });
  const along = await companionsOf(unit, consent, decision);
  await tellRunOf(unit, id);
  return { consent, along };
}

async function companionsOf(
  unit: Unit,
  { id, tenantId, partnerId, state }: Consent,
  { decidedBy, inFlight }: { decidedBy: string; inFlight?: InFlightChoice },
): Promise<ProviderConsent[]> {
  if (state === 'granted') return await authoriseProvider(unit, partnerId, id);
  if (state !== 'revoked') return [];
  return await revokeAlong(unit, { id, tenantId, decidedBy, ...(inFlight !== undefined && { inFlight }) });
}

/**
 * Adds a consent that the tenant gives unasked.
 *
 * @returns `no_partner` where there is no such partner, `open` where another call was faster
 */
export async function addGrantedConsent(
  unit: Unit,
  consent: { id: string; tenantId: string; partnerId: string; decidedBy: string; scope?: ConsentScope },
): Promise<Decided | 'no_partner' | 'open'> {
  await unit.query('savepoint consent');
  try {
    const added = await unit.change(
      `insert into registry.consent (id, tenant_id, partner_id, state, decided_by, decided_at, scope)
       values ($1, $2, $3, 'granted', $4, now(), $5::jsonb) on conflict do nothing`,
      [consent.id, consent.tenantId, consent.partnerId, consent.decidedBy, JSON.stringify(consent.scope ?? {})],
    );
    if (added === 0) return 'open';
  } catch (error) {
    // A tenant cannot see partners it has no tie with, so the foreign key is the one who knows.
    if (sqlStateOf(error) !== '23503') throw error;
    await unit.query('rollback to savepoint consent');
    return 'no_partner';
  }
  const along = await authoriseProvider(unit, consent.partnerId, consent.id);
  return { consent: await unit.em.findOneOrFail(ConsentRow, { id: consent.id, tenantId: consent.tenantId }), along };
}

/** A partner asks a tenant for consent; the tenant's link is known by its digest, and a run waits for the decision. */
export async function requestConsent(
  unit: Unit,
  request: {
    id: string;
    runId: string;
    tenantId: string;
    partnerId: string;
    scope: ConsentScope;
    linkDigest: Buffer;
    requestedBy: string;
    bodyDigest: Buffer;
  },
): Promise<{ consent: Consent; run: Run } | 'no_tenant' | 'open'> {
  const { id, runId, tenantId, partnerId } = request;
  const [asked] = await unit.query<{ outcome: 'requested' | 'no_tenant' | 'open' }>(
    'select registry.request_consent($1, $2, $3::jsonb, $4) as outcome',
    [id, tenantId, JSON.stringify(request.scope), request.linkDigest],
  );
  if (asked!.outcome !== 'requested') return asked!.outcome;
  await unit.change(
    `insert into registry.run (id, kind, tenant_id, partner_id, task_queue, chunk_count, received, event_count, source_format,
       body_digest, requested_by, consent_id)
     values ($1, 'consent', $2, $3, 'interactive', 0, 0, 1, 'json', $4, $5, $6)`,
    [runId, tenantId, partnerId, request.bodyDigest, request.requestedBy, id],
  );
  await unit.query('select registry.attach_consent_run($1, $2)', [id, runId]);
  await unit.change(
    `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3::jsonb)`,
    [runId, tenantId, JSON.stringify({ consentId: id })],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
  await unit.query(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [runId]);
  return {
    consent: await unit.em.findOneOrFail(ConsentRow, { id, partnerId }),
    run: await unit.em.findOneOrFail(RunRow, { id: runId }),
  };
}

/** Ends every open consent of a tenant that leaves. @returns what became of which */
export async function endConsentsOf(
  unit: Unit,
  tenantId: string,
  decidedBy: string,
): Promise<{ id: string; state: ConsentState }[]> {
  await holdTenantGate(unit, tenantId);
  const open = await unit.query<{ id: string; state: ConsentState }>(
    `select id, state from registry.consent where tenant_id = $1 and state in ('requested', 'granted') order by id for update`,
    [tenantId],
  );
  const ended: { id: string; state: ConsentState }[] = [];
  for (const { id, state } of open) {
    const event = endedByOffboarding[state];
    const next = event === null ? undefined : consentLifecycle[state][event];
    if (next === undefined) continue;
    await unit.change(
      `update registry.consent set state = $2, decided_by = $3, decided_at = now(), version = version + 1,
         in_flight = case when $2 = 'revoked' then 'stop_now' end where id = $1`,
      [id, next, decidedBy],
    );
    await tellRunOf(unit, id);
    ended.push({ id, state: next });
  }
  return ended;
}

/** A run that still waits hears of it through the outbox, so that no decision needs Temporal. */
async function tellRunOf(unit: Unit, consentId: string): Promise<void> {
  const told = await unit.change(
    `insert into registry.outbox (run_id, topic)
     select r.id, 'consent_decided' from registry.consent c join registry.run r on r.id = c.run_id
     where c.id = $1 and r.state not in ('completed', 'failed', 'cancelled')`,
    [consentId],
  );
  if (told > 0) await unit.query(`select pg_notify('groundcrew_outbox', '')`);
}
