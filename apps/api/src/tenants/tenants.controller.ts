import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { newTenant, pageQuery, tenantChange, tenantPage, tenantView, type TenantView } from '@groundcrew/contracts';
import {
  addTenant,
  endConsentsOf,
  findTenant,
  listTenants,
  offboardTenant,
  type Tenant,
} from '@groundcrew/persistence';
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

const create = operation({
  id: 'createTenant',
  method: 'POST',
  path: '/v1/tenants',
  tag: 'Tenants',
  summary: 'Onboards a tenant.',
  permission: 'tenant.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newTenant },
  answers: { 201: tenantView },
});

const list = operation({
  id: 'listTenants',
  method: 'GET',
  path: '/v1/tenants',
  tag: 'Tenants',
  summary: 'Lists the tenants the caller may see.',
  permission: 'tenant.read',
  query: z.strictObject(pageQuery),
  answers: { 200: tenantPage },
});

const read = operation({
  id: 'readTenant',
  method: 'GET',
  path: '/v1/tenants/{tenantId}',
  tag: 'Tenants',
  summary: 'Reads a tenant.',
  permission: 'tenant.read',
  answers: { 200: tenantView },
});

const change = operation({
  id: 'changeTenant',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}',
  tag: 'Tenants',
  summary: 'Offboards a tenant: its open consents end at once, its registered devices stay.',
  permission: 'tenant.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': tenantChange },
  answers: { 200: tenantView },
});

@Controller()
export class TenantsController {
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
    return this.#commands.perform(call, newTenant, async (unit, body) => {
      const tenant = await addTenant(unit, {
        id: body.id ?? randomUUID(),
        kind: body.kind ?? 'organisation',
        displayName: body.displayName,
      });
      if (tenant === null) throw new ProblemError('tenant.exists');
      const view = toTenantView(tenant);
      return {
        answer: {
          status: 201,
          body: view,
          headers: { etag: view.etag, location: `${this.#publicUrl}/v1/tenants/${view.id}` },
        },
        audit: {
          tenantId: view.id,
          action: 'tenant.onboarded',
          object: `tenant/${view.id}`,
          data: { kind: view.kind },
        },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listTenants(unit, page));
    return pageAnswer(call, this.#publicUrl, slice, toTenantView, (tenant) => tenant.id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const tenant = await this.#databases.readAs(call.caller, (unit) => findTenant(unit, call.params.tenantId!));
    if (tenant === null) throw new ProblemError('tenant.not-found');
    const view = toTenantView(tenant);
    return { status: 200, body: view, headers: { etag: view.etag } };
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const version = versionExpected(call.request);
    return this.#commands.perform(call, tenantChange, async (unit) => {
      const tenantId = call.params.tenantId!;
      const offboarded = await offboardTenant(unit, { id: tenantId, version });
      if (offboarded === 'not_found') throw new ProblemError('tenant.not-found');
      if (offboarded === 'stale') throw new ProblemError('precondition.failed');
      const consents = await endConsentsOf(unit, tenantId, call.caller.principal);
      const view = toTenantView(offboarded);
      return {
        answer: { status: 200, body: view, headers: { etag: view.etag } },
        audit: { tenantId, action: 'tenant.offboarded', object: `tenant/${tenantId}`, data: { consents } },
      };
    });
  }
}

function toTenantView(tenant: Tenant): TenantView {
  return {
    id: tenant.id,
    kind: tenant.kind,
    displayName: tenant.displayName,
    state: tenant.state,
    createdAt: momentOf(tenant.createdAt),
    etag: etagOf(tenant.version),
  };
}
