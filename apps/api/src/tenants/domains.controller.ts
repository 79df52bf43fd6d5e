import { Controller, Inject } from '@nestjs/common';
import { domainPage, domainView, newDomain, pageQuery, type DomainView } from '@groundcrew/contracts';
import { domainNameOf } from '@groundcrew/domain';
import { addDomain, listDomains, type TenantDomain } from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { keysetOf, pageAnswer } from '../routes/paging.js';

const path = '/v1/tenants/{tenantId}/domains';
const nameKey = z.string().max(253);

const create = operation({
  id: 'addDomain',
  method: 'POST',
  path,
  tag: 'Tenants',
  summary: 'Adds a domain of the tenant: devices may be meant for its users.',
  permission: 'user.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newDomain },
  answers: { 201: domainView },
});

const list = operation({
  id: 'listDomains',
  method: 'GET',
  path,
  tag: 'Tenants',
  summary: 'Lists the domains of a tenant.',
  permission: 'user.read',
  query: z.strictObject(pageQuery),
  answers: { 200: domainPage },
});

@Controller()
export class DomainsController {
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
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newDomain, async (unit, body) => {
      const name = domainNameOf(body.name)!;
      const added = await addDomain(unit, { tenantId, name, addedBy: call.caller.principal });
      if (added === null) throw new ProblemError('domain.exists');
      return {
        answer: { status: 201, body: toDomainView(added), headers: {} },
        audit: { tenantId, action: 'domain.added', object: `domain/${name}`, data: { name } },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, nameKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listDomains(unit, call.params.tenantId!, page));
    return pageAnswer(call, this.#publicUrl, slice, toDomainView, ({ name }) => name);
  }
}

function toDomainView({ name, addedAt }: TenantDomain): DomainView {
  return { name, addedAt: momentOf(addedAt) };
}
