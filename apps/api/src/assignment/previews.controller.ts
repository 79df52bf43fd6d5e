import { Controller, Inject } from '@nestjs/common';
import { assignmentPreview, plannedChange, previewQuery, type AssignmentPreviewView } from '@groundcrew/contracts';
import { checkTargets } from '@groundcrew/domain';
import { findGroup, findProfile, previewAssignments, type PlannedChange, type Unit } from '@groundcrew/persistence';
import type { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { understoodRule } from '../groups/group.view.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { readQuestionBody } from './question-body.js';

const preview = operation({
  id: 'previewAssignments',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/assignmentPreviews',
  tag: 'Profiles',
  summary: 'Says which devices a change of a group or a profile would move, before it is saved. Changes nothing.',
  permission: 'profile.read',
  query: previewQuery,
  body: { 'application/json': plannedChange },
  answers: { 200: assignmentPreview },
});

/** What a change would do. */
@Controller()
export class PreviewsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#configuration = configuration;
  }

  @Operation(preview)
  async preview(call: CallOf<typeof preview>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    const page = keysetOf(call.query, idKey);
    const body = await readQuestionBody(call, plannedChange, this.#configuration.stallSeconds);
    const found = await this.#databases.readAs(call.caller, async (unit) =>
      previewAssignments(unit.query, tenantId, await toChange(unit, tenantId, body), page),
    );
    if (found === null)
      throw new ProblemError(body.kind === 'groupRule' ? 'group.has-no-rule' : 'group.members-follow-rule');
    const answer = pageAnswer(
      call,
      this.#configuration.publicUrl,
      found.page,
      (device) => device,
      ({ deviceId }) => deviceId,
    );
    const { devices, notYetLookedAt, changing, moves } = found;
    const listed = answer.body as Pick<AssignmentPreviewView, 'value' | 'nextLink'>;
    return { ...answer, body: { devices, notYetLookedAt, changing, moves, ...listed } };
  }
}

/** The change in the words of the rules. @throws ProblemError where it could not be made either */
async function toChange(unit: Unit, tenantId: string, body: z.output<typeof plannedChange>): Promise<PlannedChange> {
  switch (body.kind) {
    case 'none':
      return body;
    case 'groupRule':
      await refuseUnknownGroup(unit, tenantId, body.groupId);
      return { kind: 'groupRule', groupId: body.groupId, rule: understoodRule(body.rule) };
    case 'groupMembers':
      await refuseUnknownGroup(unit, tenantId, body.groupId);
      return { kind: 'groupMembers', groupId: body.groupId, add: body.add ?? [], remove: body.remove ?? [] };
    case 'profileAssignments': {
      const profile = await findProfile(unit, tenantId, body.profileId);
      if (profile === null) throw new ProblemError('profile.not-found');
      const { includedGroups, excludedGroups = [], allDevices = false } = body;
      const targets = { includedGroups, excludedGroups, allDevices };
      const decision = checkTargets(targets, profile.settings.deploymentMode);
      if (!decision.ok) throw new ProblemError(decision.refusal);
      return { kind: 'profileTargets', profileId: body.profileId, targets };
    }
    case 'profileSettings':
      if ((await findProfile(unit, tenantId, body.profileId)) === null) throw new ProblemError('profile.not-found');
      return body;
  }
}

async function refuseUnknownGroup(unit: Unit, tenantId: string, id: string): Promise<void> {
  if ((await findGroup(unit, tenantId, id)) === null) throw new ProblemError('group.not-found');
}
