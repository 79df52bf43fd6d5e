import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { consentPage, consentView, newConsent, pageQuery, type ConsentView } from '@groundcrew/contracts';
import { consentLifecycle } from '@groundcrew/domain';
import {
  addGrantedConsent,
  decideConsent,
  listConsents,
  lockConsent,
  lockOpenConsent,
  type Consent,
  type Unit,
} from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands, type Outcome } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf, momentOrNull } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { etagOf } from '../routes/versions.js';

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
  summary: 'Takes the authorisation back; what is in flight is fenced at once.',
  permission: 'consent.decide',
  headers: ['Idempotency-Key'],
  answers: { 200: consentView },
});

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
    const slice = await this.#databases.inScopeOf(call.caller, (unit) =>
      listConsents(unit, call.params.tenantId!, page),
    );
    return pageAnswer(call, this.#publicUrl, slice, toConsentView, (consent) => consent.id);
  }

  @Operation(grant)
  grant(call: CallOf<typeof grant>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    const decidedBy = call.caller.principal;
    return this.#commands.perform(call, newConsent, async (unit, { partnerId }) => {
      const open = await lockOpenConsent(unit, tenantId, partnerId);
      // Granting what is granted changes nothing, and is no mistake.
      if (open?.state === 'granted') return outcomeOf(200, open, null);
      if (open !== null) return await decide(unit, open, 'grant', decidedBy);
      const added = await addGrantedConsent(unit, { id: randomUUID(), tenantId, partnerId, decidedBy });
      if (added === 'no_partner') throw new ProblemError('partner.not-found');
      if (added === 'open') throw new ProblemError('consent.not-open');
      return outcomeOf(201, added, 'consent.granted');
    });
  }

  @Operation(revoke)
  revoke(call: CallOf<typeof revoke>): Promise<Answer> {
    return this.#commands.perform(call, null, async (unit) => {
      const consent = await lockConsent(unit, call.params.tenantId!, call.params.consentId!);
      if (consent === null) throw new ProblemError('consent.not-found');
      return await decide(unit, consent, 'revoke', call.caller.principal);
    });
  }
}

/** Moves a consent that is held locked, where its lifecycle lets it move. */
async function decide(unit: Unit, consent: Consent, event: 'grant' | 'revoke', decidedBy: string): Promise<Outcome> {
  const state = consentLifecycle[consent.state][event];
  if (state === undefined) throw new ProblemError('consent.not-open', { detail: `The consent is ${consent.state}.` });
  const decided = await decideConsent(unit, { id: consent.id, tenantId: consent.tenantId, state, decidedBy });
  return outcomeOf(200, decided, `consent.${state}`);
}

function outcomeOf(status: 200 | 201, consent: Consent, action: string | null): Outcome {
  const view = toConsentView(consent);
  return {
    answer: { status, body: view, headers: { etag: view.etag } },
    audit:
      action === null
        ? null
        : {
            tenantId: consent.tenantId,
            action,
            object: `consent/${consent.id}`,
            data: { partnerId: consent.partnerId },
          },
  };
}

function toConsentView(consent: Consent): ConsentView {
  return {
    id: consent.id,
    tenantId: consent.tenantId,
    partnerId: consent.partnerId,
    state: consent.state,
    decidedBy: consent.decidedBy ?? null,
    decidedAt: momentOrNull(consent.decidedAt),
    createdAt: momentOf(consent.createdAt),
    etag: etagOf(consent.version),
  };
}
