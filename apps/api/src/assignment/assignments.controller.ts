import { Controller, Inject } from '@nestjs/common';
import { assignmentExplanation, ruleTrial, ruleTrialView } from '@groundcrew/contracts';
import { explainRule, foldDevice, matches } from '@groundcrew/domain';
import { explainAssignment, findRuleDevice } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { toRuleClause, understoodRule } from '../groups/group.view.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { toExplanationView } from './assignment.view.js';
import { readQuestionBody } from './question-body.js';

const explain = operation({
  id: 'explainAssignment',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/devices/{deviceId}/assignment',
  tag: 'Devices',
  summary: 'Explains the profile of a device: the rule, the membership, and what it won against.',
  permission: 'device.read',
  answers: { 200: assignmentExplanation },
});

const tryRule = operation({
  id: 'tryRule',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/ruleTrials',
  tag: 'Groups',
  summary: 'Tries a membership rule on a device, and explains itself clause by clause. Changes nothing.',
  permission: 'group.read',
  body: { 'application/json': ruleTrial },
  answers: { 200: ruleTrialView },
});

/** Why devices have the profiles they have. */
@Controller()
export class AssignmentsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#configuration = configuration;
  }

  @Operation(explain)
  async explain(call: CallOf<typeof explain>): Promise<Answer> {
    const { tenantId, deviceId } = call.params;
    const explained = await this.#databases.readAs(call.caller, (unit) =>
      explainAssignment(unit.query, tenantId!, deviceId!),
    );
    if (explained === null) throw new ProblemError('device.not-found');
    return { status: 200, body: toExplanationView(deviceId!, explained) };
  }

  @Operation(tryRule)
  async tryRule(call: CallOf<typeof tryRule>): Promise<Answer> {
    const body = await readQuestionBody(call, ruleTrial, this.#configuration.stallSeconds);
    const rule = understoodRule(body.rule);
    const device = await this.#databases.readAs(call.caller, (unit) =>
      findRuleDevice(unit.query, call.params.tenantId!, body.deviceId),
    );
    if (device === null) throw new ProblemError('device.not-found');
    return {
      status: 200,
      body: { member: matches(rule, foldDevice(device)), explanation: toRuleClause(explainRule(rule, device)) },
    };
  }
}
