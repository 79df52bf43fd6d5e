import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { groupAnswer, groupChange, groupPage, groupView, newGroup, pageQuery } from '@groundcrew/contracts';
import {
  addGroup,
  changeGroup,
  findGroup,
  listGroups,
  lockGroup,
  mostGroups,
  removeGroup,
  requestAssignment,
  type DeviceGroup,
  type Unit,
} from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { versionExpected } from '../routes/versions.js';
import { toGroupView, understoodRule } from './group.view.js';

const list = operation({
  id: 'listGroups',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/groups',
  tag: 'Groups',
  summary: 'Lists the groups of devices.',
  permission: 'group.read',
  query: z.strictObject(pageQuery),
  answers: { 200: groupPage },
});

const create = operation({
  id: 'createGroup',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/groups',
  tag: 'Groups',
  summary: 'Creates a group: with a rule, from which its members follow, or with members that are named later.',
  permission: 'group.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newGroup },
  answers: { 201: groupAnswer },
});

const read = operation({
  id: 'readGroup',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/groups/{groupId}',
  tag: 'Groups',
  summary: 'Reads a group.',
  permission: 'group.read',
  answers: { 200: groupView },
});

const change = operation({
  id: 'changeGroup',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}/groups/{groupId}',
  tag: 'Groups',
  summary: 'Changes a group: what is named, and nothing else. Another rule leads to a run that moves its members.',
  permission: 'group.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': groupChange },
  answers: { 200: groupAnswer },
});

const remove = operation({
  id: 'deleteGroup',
  method: 'DELETE',
  path: '/v1/tenants/{tenantId}/groups/{groupId}',
  tag: 'Groups',
  summary: 'Deletes a group that no profile and no enrolment status page refers to.',
  permission: 'group.write',
  headers: ['Idempotency-Key', 'If-Match'],
  answers: { 204: 'nothing' },
});

@Controller()
export class GroupsController {
  readonly #databases: Databases;
  readonly #commands: Commands;
  readonly #publicUrl: string;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#commands = commands;
    this.#publicUrl = configuration.publicUrl;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listGroups(unit, call.params.tenantId!, page));
    return pageAnswer(call, this.#publicUrl, slice, toGroupView, ({ id }) => id);
  }

  @Operation(create)
  create(call: CallOf<typeof create>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newGroup, async (unit, body) => {
      if (body.rule !== undefined) understoodRule(body.rule);
      const id = body.id ?? randomUUID();
      if ((await findGroup(unit, tenantId, id)) !== null) throw new ProblemError('group.exists');
      const group = await addGroup(unit, {
        id,
        tenantId,
        displayName: body.displayName,
        description: body.description ?? null,
        rule: body.rule ?? null,
      });
      if (group === 'too_many') {
        throw new ProblemError('group.too-many', { detail: `A tenant has at most ${mostGroups} groups.` });
      }
      const operationId = group.rule === null ? null : await this.#moved(unit, call, group);
      const view = toGroupView(group);
      const location = `${this.#publicUrl}/v1/tenants/${tenantId}/groups/${id}`;
      return {
        answer: { status: 201, body: { ...view, operationId }, headers: { etag: view.etag, location } },
        audit: { tenantId, action: 'group.created', object: `group/${id}`, data: { rule: group.rule, operationId } },
      };
    });
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { tenantId, groupId } = call.params;
    const group = await this.#databases.readAs(call.caller, (unit) => findGroup(unit, tenantId!, groupId!));
    if (group === null) throw new ProblemError('group.not-found');
    const view = toGroupView(group);
    return { status: 200, body: view, headers: { etag: view.etag } };
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const version = versionExpected(call.request);
    return this.#commands.perform(call, groupChange, async (unit, body) => {
      const { displayName, description, rule } = body;
      if (rule !== undefined) understoodRule(rule);
      const before = await this.#lock(unit, call, version);
      if (rule !== undefined && before.rule === null) throw new ProblemError('group.has-no-rule');
      const group = await changeGroup(unit, before, {
        ...(displayName !== undefined && { displayName }),
        ...(description !== undefined && { description }),
        ...(rule !== undefined && { rule }),
      });
      const operationId = group.rule === before.rule ? null : await this.#moved(unit, call, group);
      const view = toGroupView(group);
      const data = { before: { rule: before.rule }, after: { rule: group.rule }, operationId };
      return {
        answer: { status: 200, body: { ...view, operationId }, headers: { etag: view.etag } },
        audit: { tenantId: group.tenantId, action: 'group.changed', object: `group/${group.id}`, data },
      };
    });
  }

  @Operation(remove)
  remove(call: CallOf<typeof remove>): Promise<Answer> {
    const version = versionExpected(call.request);
    return this.#commands.perform(call, null, async (unit) => {
      const group = await this.#lock(unit, call, version);
      const use = await removeGroup(unit, group);
      if (use !== null) {
        const named = [
          ...use.profiles.map((id) => ({
            pointer: `/profiles/${id}`,
            message: 'A profile is given to it, or withheld from it.',
          })),
          ...use.enrollmentStatusPages.map((id) => ({
            pointer: `/esp/${id}`,
            message: 'It sees this enrolment status page.',
          })),
        ];
        const errors = named.slice(0, 100).map((each) => ({ ...each, code: 'group.in-use' }));
        throw new ProblemError('group.in-use', { errors });
      }
      const operationId = await this.#moved(unit, call, group);
      return {
        answer: { status: 204, body: null, headers: {} },
        audit: {
          tenantId: group.tenantId,
          action: 'group.deleted',
          object: `group/${group.id}`,
          data: { displayName: group.displayName, rule: group.rule, operationId },
        },
      };
    });
  }

  async #lock(unit: Unit, call: Call<unknown>, version: number): Promise<DeviceGroup> {
    const group = await lockGroup(unit, call.params.tenantId!, call.params.groupId!);
    if (group === null) throw new ProblemError('group.not-found');
    if (group.version !== version) throw new ProblemError('precondition.failed');
    return group;
  }

  #moved(unit: Unit, call: Call<unknown>, { tenantId, id }: DeviceGroup): Promise<string> {
    return requestAssignment(unit.query, tenantId, { kind: 'group', subject: id, requestedBy: call.caller.principal });
  }
}
