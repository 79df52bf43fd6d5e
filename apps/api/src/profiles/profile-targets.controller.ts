import { Controller, Inject } from '@nestjs/common';
import { profileTargetsAnswer, profileTargetsChange, profileTargetsView } from '@groundcrew/contracts';
import { checkTargets, mayGiveToSchoolGroup, type ProfileTargets } from '@groundcrew/domain';
import {
  findProfile,
  findTargets,
  findTenant,
  lockProfile,
  lockProfilesOf,
  profilesOfGroups,
  replaceTargets,
  requestAssignment,
  unknownGroups,
  type Unit,
} from '@groundcrew/persistence';
import { Commands } from '../idempotency/commands.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { versionExpected } from '../routes/versions.js';
import { toTargetsView } from './profile.view.js';

const read = operation({
  id: 'readProfileAssignments',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/profiles/{profileId}/assignments',
  tag: 'Profiles',
  summary: 'Reads which groups a profile includes and excludes, and whether it is for all devices.',
  permission: 'profile.read',
  answers: { 200: profileTargetsView },
});

const change = operation({
  id: 'changeProfileAssignments',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}/profiles/{profileId}/assignments',
  tag: 'Profiles',
  summary: 'Gives a profile to groups or to all devices, or takes it from them. One run then moves the devices.',
  permission: 'profile.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': profileTargetsChange },
  answers: { 200: profileTargetsAnswer },
});

/** To whom profiles are given. */
@Controller()
export class ProfileTargetsController {
  readonly #databases: Databases;
  readonly #commands: Commands;

  constructor(@Inject(databasesToken) databases: Databases, commands: Commands) {
    this.#databases = databases;
    this.#commands = commands;
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { tenantId, profileId } = call.params;
    return await this.#databases.readAs(call.caller, async (unit) => {
      const profile = await findProfile(unit, tenantId!, profileId!);
      if (profile === null) throw new ProblemError('profile.not-found');
      const body = toTargetsView(await findTargets(unit, tenantId!, profileId!), profile.targetsVersion);
      return { status: 200, body, headers: { etag: body.etag } };
    });
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const version = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const id = call.params.profileId!;
    return this.#commands.perform(call, profileTargetsChange, async (unit, body) => {
      await lockProfilesOf(unit, tenantId);
      const profile = await lockProfile(unit, tenantId, id);
      if (profile === null) throw new ProblemError('profile.not-found');
      if (profile.targetsVersion !== version) throw new ProblemError('precondition.failed');
      const before = await findTargets(unit, tenantId, id);
      const targets: ProfileTargets = {
        includedGroups: body.includedGroups ?? before.includedGroups,
        excludedGroups: body.excludedGroups ?? before.excludedGroups,
        allDevices: body.allDevices ?? before.allDevices,
      };
      const decision = checkTargets(targets, profile.settings.deploymentMode);
      if (!decision.ok) throw new ProblemError(decision.refusal);
      await refuseUnknownGroups(unit, tenantId, targets);
      await refuseSecondOfSchoolGroup(unit, tenantId, id, targets);
      const changed = await replaceTargets(unit, tenantId, id, targets);
      const operationId = await requestAssignment(unit.query, tenantId, {
        kind: 'profile',
        subject: id,
        requestedBy: call.caller.principal,
      });
      const view = toTargetsView(targets, changed);
      return {
        answer: { status: 200, body: { ...view, operationId }, headers: { etag: view.etag } },
        audit: {
          tenantId,
          action: 'profile.assigned',
          object: `profile/${id}`,
          data: { before, after: targets, operationId },
        },
      };
    });
  }
}

async function refuseUnknownGroups(unit: Unit, tenantId: string, targets: ProfileTargets): Promise<void> {
  const unknown = await unknownGroups(unit, tenantId, [...targets.includedGroups, ...targets.excludedGroups]);
  if (unknown.length === 0) return;
  const pointerOf = (id: string) => {
    const index = targets.includedGroups.indexOf(id);
    return index < 0 ? `/excludedGroups/${targets.excludedGroups.indexOf(id)}` : `/includedGroups/${index}`;
  };
  throw new ProblemError('profile.group-unknown', {
    errors: unknown.slice(0, 100).map((id) => ({
      pointer: pointerOf(id),
      code: 'profile.group-unknown',
      message: `There is no group ${id}.`,
    })),
  });
}

/** In a school a group has one profile. Source: domain.md 12.4. */
async function refuseSecondOfSchoolGroup(
  unit: Unit,
  tenantId: string,
  profileId: string,
  targets: ProfileTargets,
): Promise<void> {
  if ((await findTenant(unit, tenantId))?.kind !== 'school') return;
  const given = await profilesOfGroups(unit, tenantId, targets.includedGroups);
  for (const [index, groupId] of targets.includedGroups.entries()) {
    const others = given.filter((each) => each.groupId === groupId).map((each) => each.profileId);
    const decision = mayGiveToSchoolGroup(others, profileId);
    if (decision.ok) continue;
    throw new ProblemError(decision.refusal, {
      errors: [
        {
          pointer: `/includedGroups/${index}`,
          code: decision.refusal,
          message: `The group has the profile ${others.find((id) => id !== profileId)}: take it from there first.`,
        },
      ],
    });
  }
}
