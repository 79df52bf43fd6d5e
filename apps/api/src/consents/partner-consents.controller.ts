import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import {
  consentPage,
  consentRecord,
  consentRequestView,
  coverageQuery,
  coverageView,
  newConsentRequest,
  pageQuery,
  type ConsentRequestView,
  type CoverageView,
} from '@groundcrew/contracts';
import { coverage, type ConsentScope } from '@groundcrew/domain';
import { findConsent, listPartnerConsents, requestConsent, uuidV7, type Unit } from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import type { Caller } from '../identity/caller.js';
import { admitPartner, decidePartnerAction } from '../partners/partner-authority.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { problems } from '../problems/problems.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { etagOf } from '../routes/versions.js';
import { monitorUrl, toRunView } from '../runs/run.view.js';
import { newConsentLink } from './consent-link.js';
import { toConsentRecord, toConsentView } from './consent.view.js';

const request = operation({
  id: 'requestConsent',
  method: 'POST',
  path: '/v1/partners/{partnerId}/consentRequests',
  tag: 'Consents',
  summary: 'Asks a tenant for consent. The answer carries the link for the customer, once.',
  permission: 'consent.request',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newConsentRequest },
  answers: { 202: consentRequestView },
});

const list = operation({
  id: 'listPartnerConsents',
  method: 'GET',
  path: '/v1/partners/{partnerId}/consents',
  tag: 'Consents',
  summary: 'Lists the consents that the partner has, had or asks for.',
  permission: 'consent.read',
  query: z.strictObject(pageQuery),
  answers: { 200: consentPage },
});

const validate = operation({
  id: 'validateConsent',
  method: 'GET',
  path: '/v1/partners/{partnerId}/consents/validate',
  tag: 'Consents',
  summary: 'Is this order covered, and if not why? Asked before it ships; changes nothing.',
  permission: 'consent.request',
  query: coverageQuery,
  answers: { 200: coverageView },
});

const read = operation({
  id: 'readPartnerConsent',
  method: 'GET',
  path: '/v1/partners/{partnerId}/consents/{consentId}',
  tag: 'Consents',
  summary: 'Reads a consent with its history.',
  permission: 'consent.read',
  answers: { 200: consentRecord },
});

/** The partner's side of consents. */
@Controller()
export class PartnerConsentsController {
  readonly #databases: Databases;
  readonly #commands: Commands;
  readonly #configuration: Configuration;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#configuration = configuration;
    this.#commands = commands;
  }

  @Operation(request)
  request(call: CallOf<typeof request>): Promise<Answer> {
    const partnerId = call.params.partnerId!;
    return this.#commands.perform(call, newConsentRequest, async (unit, { tenantId, scope }) => {
      await admitPartner(unit, { caller: call.caller, action: 'ask_for_consent', partnerId, tenantId });
      const link = newConsentLink(this.#configuration.publicUrl);
      const asked = await requestConsent(unit, {
        id: randomUUID(),
        runId: uuidV7(Date.now()),
        tenantId,
        partnerId,
        scope: (scope ?? {}) as ConsentScope,
        linkDigest: link.digest,
        requestedBy: call.caller.principal,
        bodyDigest: createHash('sha256').update(JSON.stringify({ tenantId, scope })).digest(),
      });
      if (asked === 'no_tenant') throw new ProblemError('tenant.not-found');
      if (asked === 'open') throw new ProblemError('consent.already-open');
      const { consent, run } = asked;
      const body: ConsentRequestView = {
        consent: toConsentView(consent),
        link: link.url,
        operation: toRunView(run, this.#configuration, false),
      };
      return {
        // The link opens the consent to whoever holds it, so the answer that has it is kept sealed.
        secret: true,
        answer: {
          status: 202,
          body,
          headers: { 'operation-location': monitorUrl(this.#configuration.publicUrl, run.id) },
        },
        audit: {
          tenantId,
          action: 'consent.requested',
          object: `consent/${consent.id}`,
          data: { partnerId, runId: run.id },
        },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listPartnerConsents(unit, call.params.partnerId!, page),
    );
    return pageAnswer(call, this.#configuration.publicUrl, slice, toConsentView, (consent) => consent.id);
  }

  @Operation(validate)
  async validate(call: CallOf<typeof validate>): Promise<Answer> {
    const { tenantId } = call.query;
    if (tenantId === undefined) {
      throw new ProblemError('parameter.invalid', {
        errors: [{ pointer: 'tenantId', code: 'required', message: 'For which tenant is the order?' }],
      });
    }
    const code = await this.#databases.inScopeOf(call.caller, (unit) =>
      whyNot(unit, call.caller, call.params.partnerId!, tenantId, call.query),
    );
    const body: CoverageView = { covered: code === null, code, message: code === null ? null : problems[code].title };
    return { status: 200, body };
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    return await this.#databases.readAs(call.caller, async (unit) => {
      const consent = await findConsent(unit, call.params.consentId!, { partnerId: call.params.partnerId! });
      if (consent === null) throw new ProblemError('consent.not-found');
      const body = await toConsentRecord(unit, consent);
      return { status: 200, body, headers: { etag: etagOf(consent.version) } };
    });
  }
}

/** Why an order would not be taken, by the rules that take orders. */
async function whyNot(
  unit: Unit,
  caller: Caller,
  partnerId: string,
  tenantId: string,
  asked: z.output<typeof coverageQuery>,
): Promise<CoverageView['code']> {
  const { refusal, authority } = await decidePartnerAction(unit, {
    caller,
    action: 'submit_order',
    partnerId,
    tenantId,
  });
  if (refusal === 'access.denied') throw new ProblemError(refusal);
  if (refusal !== null) return refusal;
  const covered = coverage(
    { ...authority, nowMs: Date.now() },
    {
      model: asked.model ?? null,
      purchaseOrder: asked.purchaseOrderIdentifier ?? null,
      quantity: asked.quantity ?? 1,
    },
  );
  return covered.ok ? null : covered.refusal;
}
