import { Controller, Inject } from '@nestjs/common';
import { groupMemberPage, memberAnswer, memberChange, pageQuery } from '@groundcrew/contracts';
import {
  addMembers,
  findGroup,
  listMembers,
  lockGroup,
  removeMembers,
  requestAssignment,
  type DeviceGroup,
  type Unit,
} from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands, type Outcome } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';

const list = operation({
  id: 'listGroupMembers',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/groups/{groupId}/members',
  tag: 'Groups',
  summary: 'Lists the members: as they are named, or as the last assignment run found them by the rule.',
  permission: 'group.read',
  query: z.strictObject(pageQuery),
  answers: { 200: groupMemberPage },
});

const changeBy = (id: string, place: string, summary: string) =>
  operation({
    id,
    method: 'POST',
    path: `/v1/tenants/{tenantId}/groups/{groupId}/${place}`,
    tag: 'Groups',
    summary,
    permission: 'group.write',
    headers: ['Idempotency-Key'],
    body: { 'application/json': memberChange },
    answers: { 200: memberAnswer },
  });
const add = changeBy('addGroupMembers', 'members', 'Names devices as members, by exact id.');
const remove = changeBy('removeGroupMembers', 'memberRemovals', 'Names devices as members no more, by exact id.');

@Controller()
export class GroupMembersController {
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
    const { tenantId, groupId } = call.params;
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      const group = await findGroup(unit, tenantId!, groupId!);
      if (group === null) throw new ProblemError('group.not-found');
      return await listMembers(unit, group, page);
    });
    return pageAnswer(
      call,
      this.#publicUrl,
      slice,
      (member) => member,
      ({ deviceId }) => deviceId,
    );
  }

  @Operation(add)
  add(call: CallOf<typeof add>): Promise<Answer> {
    return this.#commands.perform(call, memberChange, async (unit, { deviceIds }) => {
      const group = await lockNamed(unit, call);
      const { added, unknown } = await addMembers(unit, group, deviceIds, call.caller.principal);
      if (unknown.length > 0) {
        const errors = unknown.map((id) => ({
          pointer: `/deviceIds/${deviceIds.indexOf(id)}`,
          code: 'device.not-found',
          message: 'The tenant has no such device.',
        }));
        throw new ProblemError('device.not-found', { errors: errors.slice(0, 100) });
      }
      return await this.#changed(unit, call, group, added, 'group.members-added');
    });
  }

  @Operation(remove)
  remove(call: CallOf<typeof remove>): Promise<Answer> {
    return this.#commands.perform(call, memberChange, async (unit, { deviceIds }) => {
      const group = await lockNamed(unit, call);
      const removed = await removeMembers(unit, group, deviceIds);
      return await this.#changed(unit, call, group, removed, 'group.members-removed');
    });
  }

  async #changed(
    unit: Unit,
    call: Call<unknown>,
    { tenantId, id }: DeviceGroup,
    changed: string[],
    action: string,
  ): Promise<Outcome> {
    const cause = { kind: 'group', subject: id, requestedBy: call.caller.principal, devices: changed } as const;
    const operationId = changed.length === 0 ? null : await requestAssignment(unit.query, tenantId, cause);
    return {
      answer: { status: 200, body: { changed, operationId }, headers: {} },
      audit:
        changed.length === 0
          ? null
          : { tenantId, action, object: `group/${id}`, data: { devices: changed, operationId } },
    };
  }
}

async function lockNamed(unit: Unit, call: Call<unknown>): Promise<DeviceGroup> {
  const group = await lockGroup(unit, call.params.tenantId!, call.params.groupId!);
  if (group === null) throw new ProblemError('group.not-found');
  if (group.rule !== null) throw new ProblemError('group.members-follow-rule');
  return group;
}
