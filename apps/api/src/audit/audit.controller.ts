import { Controller, Inject } from '@nestjs/common';
import { auditEventPage, pageQuery, type AuditEventView } from '@groundcrew/contracts';
import { listAuditEvents, type AuditRecord } from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { keysetOf, numberKey, pageAnswer } from '../routes/paging.js';

const list = operation({
  id: 'listAuditEvents',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/auditEvents',
  tag: 'Audit',
  summary: "Reads a tenant's audit chain from its beginning.",
  permission: 'audit.read',
  query: z.strictObject(pageQuery),
  answers: { 200: auditEventPage },
});

@Controller()
export class AuditController {
  readonly #databases: Databases;
  readonly #publicUrl: string;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, numberKey);
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listAuditEvents(unit, call.params.tenantId!, page),
    );
    return pageAnswer(call, this.#publicUrl, slice, toAuditEventView, (event) => event.seq);
  }
}

function toAuditEventView(event: AuditRecord): AuditEventView {
  return {
    tenantId: event.tenant_id,
    seq: event.seq,
    actor: event.actor,
    action: event.action,
    object: event.object,
    data: event.data,
    requestId: event.request_id,
    at: momentOf(event.at),
    previous: event.previous.toString('hex'),
    hash: event.hash.toString('hex'),
  };
}
