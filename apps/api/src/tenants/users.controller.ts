import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { newUser, pageQuery, userPage, userView, type UserView } from '@groundcrew/contracts';
import { addUser, findUser, listUsers, type TenantUser } from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { etagOf } from '../routes/versions.js';

const create = operation({
  id: 'createUser',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/users',
  tag: 'Tenants',
  summary: 'Adds a user with licences.',
  permission: 'user.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newUser },
  answers: { 201: userView },
});

const list = operation({
  id: 'listUsers',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/users',
  tag: 'Tenants',
  summary: 'Lists the users of a tenant.',
  permission: 'user.read',
  query: z.strictObject(pageQuery),
  answers: { 200: userPage },
});

@Controller()
export class UsersController {
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
    return this.#commands.perform(call, newUser, async (unit, body) => {
      const id = body.id ?? randomUUID();
      const { principalName, displayName, licences = [] } = body;
      const added = await addUser(unit, { tenantId, id, principalName, displayName, licences });
      const user = added ? await findUser(unit, tenantId, id) : null;
      if (user === null) throw new ProblemError('user.exists');
      const view = toUserView(user);
      return {
        answer: { status: 201, body: view, headers: { etag: view.etag } },
        audit: { tenantId, action: 'user.added', object: `user/${id}`, data: { licences } },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listUsers(unit, call.params.tenantId!, page));
    return pageAnswer(call, this.#publicUrl, slice, toUserView, (user) => user.id);
  }
}

function toUserView(user: TenantUser): UserView {
  return {
    id: user.id,
    principalName: user.principalName,
    displayName: user.displayName,
    licences: [...user.licences],
    createdAt: momentOf(user.createdAt),
    etag: etagOf(user.version),
  };
}
