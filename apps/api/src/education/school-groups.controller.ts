import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { newSchoolGroup, pageQuery, schoolGroupPage, schoolGroupView, schoolSettingsView } from '@groundcrew/contracts';
import { ruleForGroupTag, schoolGroupName } from '@groundcrew/domain';
import {
  addGroup,
  countDevicesOfTag,
  findGroupOfTag,
  findTenant,
  listSchoolGroups,
  lockSchoolGroups,
  requestAssignment,
  type Unit,
} from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { keysetOf, pageAnswer } from '../routes/paging.js';
import { readSchoolSettings } from './school-settings.js';

const list = operation({
  id: 'listSchoolGroups',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/schoolGroups',
  tag: 'Education',
  summary: "Lists the group tags of a school's devices, each with the group that was made for it.",
  permission: 'group.read',
  query: z.strictObject(pageQuery),
  answers: { 200: schoolGroupPage },
});

const create = operation({
  id: 'createSchoolGroup',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/schoolGroups',
  tag: 'Education',
  summary: 'Makes the group that has every device of a group tag. A tag has one group, and a school group one profile.',
  permission: 'group.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newSchoolGroup },
  answers: { 201: schoolGroupView },
});

const settings = operation({
  id: 'readSchoolSettings',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/schoolGroups/{schoolGroupId}/windowsDeviceSettings',
  tag: 'Education',
  summary: 'The Windows device settings that reach the members of a school group.',
  permission: 'group.read',
  answers: { 200: schoolSettingsView },
});

@Controller()
export class SchoolGroupsController {
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
    const page = keysetOf(call.query, z.string());
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      await refuseUnlessSchool(unit, call.params.tenantId!);
      return await listSchoolGroups(unit, call.params.tenantId!, page);
    });
    return pageAnswer(
      call,
      this.#publicUrl,
      slice,
      (group) => group,
      (group) => group.groupTag,
    );
  }

  @Operation(create)
  create(call: CallOf<typeof create>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newSchoolGroup, async (unit, { groupTag, displayName }) => {
      await refuseUnlessSchool(unit, tenantId);
      await lockSchoolGroups(unit, tenantId);
      const present = await findGroupOfTag(unit, tenantId, groupTag);
      if (present !== null) {
        throw new ProblemError('education.tag-has-group', { detail: `It is the group ${present}.` });
      }
      const group = await addGroup(unit, {
        id: randomUUID(),
        tenantId,
        displayName: displayName ?? schoolGroupName(groupTag),
        description: null,
        rule: ruleForGroupTag(groupTag),
      });
      if (group === 'too_many') throw new ProblemError('education.too-many-groups');
      const devices = await countDevicesOfTag(unit, tenantId, groupTag);
      await requestAssignment(unit.query, tenantId, {
        kind: 'group',
        subject: group.id,
        requestedBy: call.caller.principal,
      });
      const body = { groupTag, devices, groupId: group.id, displayName: group.displayName };
      return {
        answer: { status: 201, body, headers: {} },
        audit: {
          tenantId,
          action: 'school-group.created',
          object: `group/${group.id}`,
          data: { groupTag, displayName: group.displayName, rule: group.rule },
        },
      };
    });
  }

  @Operation(settings)
  settings(call: CallOf<typeof settings>): Promise<Answer> {
    const { tenantId, schoolGroupId } = call.params;
    return this.#databases.readAs(call.caller, async (unit) => {
      await refuseUnlessSchool(unit, tenantId!);
      const body = await readSchoolSettings(unit, tenantId!, schoolGroupId!);
      if (body === null) throw new ProblemError('education.group-not-found');
      return { status: 200, body };
    });
  }
}

async function refuseUnlessSchool(unit: Unit, tenantId: string): Promise<void> {
  if ((await findTenant(unit, tenantId))?.kind !== 'school') throw new ProblemError('education.not-a-school');
}
