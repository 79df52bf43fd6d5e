import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { consentPage, consentRecord, consentView, newConsent, pageQuery, revokeQuery } from '@groundcrew/contracts';
import type { ConsentScope } from '@groundcrew/domain';
import { addGrantedConsent, findConsent, listConsents, lockConsent, lockOpenConsent } from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { etagOf } from '../routes/versions.js';
import { toConsentRecord, toConsentView } from './consent.view.js';
import { decide, outcomeOf, unchanged, type TenantDecision } from './decide-consent.js';

const list = operation({
  id: 'listConsents',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/consents',
  tag: 'Consents',
  summary: 'Lists which partners the tenant has authorised, and which not.',
  permission: 'consent.read',
  query: z.strictObject(pageQuery),
  answers: { 200: consentPage },
});

const grant = operation({
  id: 'grantConsent',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/consents',
  tag: 'Consents',
  summary: 'Authorises a partner to register devices for the tenant.',
  permission: 'consent.decide',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newConsent },
  answers: { 200: consentView, 201: consentView },
});

const revoke = operation({
  id: 'revokeConsent',
  method: 'DELETE',
  path: '/v1/tenants/{tenantId}/consents/{consentId}',
  tag: 'Consents',
  summary: 'Takes the authorisation back. Accepted orders stop at once, or are finished where `inFlight` says so.',
  permission: 'consent.decide',
  headers: ['Idempotency-Key'],
  query: revokeQuery,
  answers: { 200: consentView },
});

const read = operation({
  id: 'readConsent',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/consents/{consentId}',
  tag: 'Consents',
  summary: 'Reads a consent with its history.',
  permission: 'consent.read',
  answers: { 200: consentRecord },
});

const answerOf = (verb: 'grant' | 'decline') =>
  operation({
    id: `${verb}RequestedConsent`,
    method: 'POST',
    path: `/v1/tenants/{tenantId}/consents/{consentId}/${verb}`,
    tag: 'Consents',
    summary: `Answers a partner that asked: ${verb}.`,
    permission: 'consent.decide',
    headers: ['Idempotency-Key'],
    answers: { 200: consentView },
  });
const grantRequested = answerOf('grant');
const declineRequested = answerOf('decline');

@Controller()
export class ConsentsController {
  readonly #databases: Databases;
  readonly #commands: Commands;
  readonly #publicUrl: string;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
    this.#commands = commands;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listConsents(unit, call.params.tenantId!, page));
    return pageAnswer(call, this.#publicUrl, slice, toConsentView, (consent) => consent.id);
  }

  @Operation(grant)
  grant(call: CallOf<typeof grant>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    const decidedBy = call.caller.principal;
    return this.#commands.perform(call, newConsent, async (unit, { partnerId, scope }) => {
      const open = await lockOpenConsent(unit, tenantId, partnerId);
      // Granting what is granted changes nothing, and is no mistake.
      if (open?.state === 'granted') return unchanged(open);
      if (open !== null) return await decide(unit, open, { event: 'grant', decidedBy });
      const added = await addGrantedConsent(unit, {
        id: randomUUID(),
        tenantId,
        partnerId,
        decidedBy,
        scope: (scope ?? {}) as ConsentScope,
      });
      if (added === 'no_partner') throw new ProblemError('partner.not-found');
      if (added === 'open') throw new ProblemError('consent.not-open');
      return outcomeOf(201, added);
    });
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    return await this.#databases.readAs(call.caller, async (unit) => {
      const consent = await findConsent(unit, call.params.consentId!, { tenantId: call.params.tenantId! });
      if (consent === null) throw new ProblemError('consent.not-found');
      const body = await toConsentRecord(unit, consent);
      return { status: 200, body, headers: { etag: etagOf(consent.version) } };
    });
  }

  @Operation(grantRequested)
  grantRequested(call: CallOf<typeof grantRequested>): Promise<Answer> {
    return this.#decide(call, { event: 'grant', decidedBy: call.caller.principal });
  }

  @Operation(declineRequested)
  declineRequested(call: CallOf<typeof declineRequested>): Promise<Answer> {
    return this.#decide(call, { event: 'decline', decidedBy: call.caller.principal });
  }

  @Operation(revoke)
  revoke(call: CallOf<typeof revoke>): Promise<Answer> {
    const inFlight = call.query.inFlight ?? 'stop_now';
    return this.#decide(call, { event: 'revoke', decidedBy: call.caller.principal, inFlight });
  }

  #decide(call: Call<unknown>, decision: TenantDecision): Promise<Answer> {
    return this.#commands.perform(call, null, async (unit) => {
      const consent = await lockConsent(unit, call.params.tenantId!, call.params.consentId!);
      if (consent === null) throw new ProblemError('consent.not-found');
      return await decide(unit, consent, decision);
    });
  }
}
