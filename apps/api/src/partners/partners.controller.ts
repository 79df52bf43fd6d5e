import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import {
  newPartner,
  pageQuery,
  partnerChange,
  partnerPage,
  partnerView,
  type PartnerView,
} from '@groundcrew/contracts';
import { addPartner, findPartner, listPartners, platformChain, type Partner } from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { etagOf, versionExpected } from '../routes/versions.js';
import { changePartner } from './change-partner.js';

const create = operation({
  id: 'createPartner',
  method: 'POST',
  path: '/v1/partners',
  tag: 'Partners',
  summary: 'Onboards a partner.',
  permission: 'partner.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newPartner },
  answers: { 201: partnerView },
});

const list = operation({
  id: 'listPartners',
  method: 'GET',
  path: '/v1/partners',
  tag: 'Partners',
  summary: 'Lists the partners the caller may see.',
  permission: 'partner.read',
  query: z.strictObject(pageQuery),
  answers: { 200: partnerPage },
});

const read = operation({
  id: 'readPartner',
  method: 'GET',
  path: '/v1/partners/{partnerId}',
  tag: 'Partners',
  summary: 'Reads a partner.',
  permission: 'partner.read',
  answers: { 200: partnerView },
});

const change = operation({
  id: 'changePartner',
  method: 'PATCH',
  path: '/v1/partners/{partnerId}',
  tag: 'Partners',
  summary: 'Suspends, reactivates or ends a partner, or links the provider behind a reseller. Only an active one acts.',
  permission: 'partner.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': partnerChange },
  answers: { 200: partnerView },
});

@Controller()
export class PartnersController {
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

  @Operation(create)
  create(call: CallOf<typeof create>): Promise<Answer> {
    return this.#commands.perform(call, newPartner, async (unit, body) => {
      const { kind, displayName, directoryTenantId, status = 'active' } = body;
      const id = body.id ?? randomUUID();
      const partner = await addPartner(unit, { id, kind, displayName, directoryTenantId, status });
      if (partner === null) throw new ProblemError('partner.exists');
      const view = toPartnerView(partner);
      return {
        answer: {
          status: 201,
          body: view,
          headers: { etag: view.etag, location: `${this.#publicUrl}/v1/partners/${view.id}` },
        },
        audit: {
          tenantId: platformChain,
          action: 'partner.onboarded',
          object: `partner/${view.id}`,
          data: { kind, status },
        },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listPartners(unit, page));
    return pageAnswer(call, this.#publicUrl, slice, toPartnerView, (partner) => partner.id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const partner = await this.#databases.readAs(call.caller, (unit) => findPartner(unit, call.params.partnerId!));
    if (partner === null) throw new ProblemError('partner.not-found');
    const view = toPartnerView(partner);
    return { status: 200, body: view, headers: { etag: view.etag } };
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const version = versionExpected(call.request);
    return this.#commands.perform(call, partnerChange, async (unit, wished) => {
      const { partner, audit } = await changePartner(unit, {
        id: call.params.partnerId!,
        version,
        wished,
        decidedBy: call.caller.principal,
      });
      const view = toPartnerView(partner);
      return { answer: { status: 200, body: view, headers: { etag: view.etag } }, audit };
    });
  }
}

function toPartnerView(partner: Partner): PartnerView {
  return {
    id: partner.id,
    kind: partner.kind,
    displayName: partner.displayName,
    directoryTenantId: partner.directoryTenantId,
    status: partner.status,
    indirectProviderId: partner.indirectProviderId ?? null,
    createdAt: momentOf(partner.createdAt),
    etag: etagOf(partner.version),
  };
}
