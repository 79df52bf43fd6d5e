import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import {
  newUserGroup,
  pageQuery,
  userGroupChange,
  userGroupPage,
  userGroupView,
  type UserGroupView,
} from '@groundcrew/contracts';
import {
  addUserGroup,
  changeUserGroup,
  deleteUserGroup,
  findUserGroup,
  listUserGroups,
  unknownUsers,
  type Unit,
  type UserGroup,
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
  id: 'createUserGroup',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/userGroups',
  tag: 'Enrollment Status Page',
  summary: 'Creates a group of users, to which pages can be assigned.',
  permission: 'group.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newUserGroup },
  answers: { 201: userGroupView },
});

const list = operation({
  id: 'listUserGroups',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/userGroups',
  tag: 'Enrollment Status Page',
  summary: 'Lists the groups of users.',
  permission: 'group.read',
  query: z.strictObject(pageQuery),
  answers: { 200: userGroupPage },
});

const change = operation({
  id: 'changeUserGroup',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}/userGroups/{userGroupId}',
  tag: 'Enrollment Status Page',
  summary: 'Changes the name or the members of a group of users.',
  permission: 'group.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': userGroupChange },
  answers: { 200: userGroupView },
});

const remove = operation({
  id: 'deleteUserGroup',
  method: 'DELETE',
  path: '/v1/tenants/{tenantId}/userGroups/{userGroupId}',
  tag: 'Enrollment Status Page',
  summary: 'Deletes a group of users to which no page is assigned.',
  permission: 'group.write',
  headers: ['Idempotency-Key', 'If-Match'],
  answers: { 204: 'nothing' },
});

@Controller()
export class UserGroupsController {
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
    return this.#commands.perform(call, newUserGroup, async (unit, body) => {
      const memberIds = [...new Set(body.memberIds)];
      await refuseUnknownUsers(unit, tenantId, memberIds);
      const { displayName } = body;
      const group = await addUserGroup(unit, { tenantId, id: body.id ?? randomUUID(), displayName, memberIds });
      if (group === null) throw new ProblemError('user-group.exists');
      const view = toGroupView(group);
      return {
        answer: { status: 201, body: view, headers: { etag: view.etag } },
        audit: {
          tenantId,
          action: 'user-group.created',
          object: `userGroup/${view.id}`,
          data: { displayName, members: memberIds.length },
        },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listUserGroups(unit, call.params.tenantId!, page),
    );
    return pageAnswer(call, this.#publicUrl, slice, toGroupView, (group) => group.id);
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const seen = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const id = call.params.userGroupId!;
    return this.#commands.perform(call, userGroupChange, async (unit, body) => {
      const group = await findUserGroup(unit, tenantId, id);
      if (group === null) throw new ProblemError('user-group.not-found');
      const memberIds = body.memberIds === undefined ? group.memberIds : [...new Set(body.memberIds)];
      await refuseUnknownUsers(unit, tenantId, memberIds);
      const displayName = body.displayName ?? group.displayName;
      const changed = await changeUserGroup(unit, { tenantId, id, displayName, memberIds, seen });
      if (changed === null) throw new ProblemError('precondition.failed');
      const view = toGroupView(changed);
      return {
        answer: { status: 200, body: view, headers: { etag: view.etag } },
        audit: {
          tenantId,
          action: 'user-group.changed',
          object: `userGroup/${id}`,
          data: { displayName, members: memberIds.length },
        },
      };
    });
  }

  @Operation(remove)
  remove(call: CallOf<typeof remove>): Promise<Answer> {
    const seen = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const id = call.params.userGroupId!;
    return this.#commands.perform(call, null, async (unit) => {
      if ((await findUserGroup(unit, tenantId, id)) === null) throw new ProblemError('user-group.not-found');
      const deleted = await deleteUserGroup(unit, { tenantId, id, seen });
      if (deleted === 'stale') throw new ProblemError('precondition.failed');
      if (deleted === 'assigned') throw new ProblemError('user-group.assigned');
      return {
        answer: { status: 204, body: null, headers: {} },
        audit: { tenantId, action: 'user-group.deleted', object: `userGroup/${id}`, data: {} },
      };
    });
  }
}

async function refuseUnknownUsers(unit: Unit, tenantId: string, memberIds: readonly string[]): Promise<void> {
  const unknown = await unknownUsers(unit, tenantId, memberIds);
  if (unknown.length === 0) return;
  throw new ProblemError('user-group.member-unknown', {
    errors: unknown.slice(0, 100).map((id) => ({
      pointer: `/memberIds/${memberIds.indexOf(id)}`,
      code: 'user.not-found',
      message: `There is no user ${id}.`,
    })),
  });
}

function toGroupView({ id, displayName, memberIds, createdAt, version }: UserGroup): UserGroupView {
  return { id, displayName, memberIds, createdAt: momentOf(createdAt), etag: etagOf(version) };
}
