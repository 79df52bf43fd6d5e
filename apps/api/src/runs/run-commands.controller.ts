import { Controller, Inject } from '@nestjs/common';
import { cancellation, resolution, runView } from '@groundcrew/contracts';
import { takeCommand, type RunCommand } from '@groundcrew/domain';
import { commandRun, findRun, holdRun, platformChain, type Unit } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { Commands, type Outcome } from '../idempotency/commands.js';
import { mayDoTo } from '../identity/abilities.js';
import { configurationToken } from '../platform/configuration.token.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { monitorUrl, toRunView } from './run.view.js';
import { visibleRun } from './runs.controller.js';

const cancel = operation({
  id: 'cancelOperation',
  method: 'POST',
  path: '/v1/operations/{operationId}/cancellations',
  tag: 'Operations',
  summary: 'Cancels a run: what it did is taken back, what was there before stays.',
  permission: 'run.command',
  headers: ['Idempotency-Key'],
  body: { 'application/json': cancellation },
  answers: { 202: runView },
});

const resolve = operation({
  id: 'resolveOperation',
  method: 'POST',
  path: '/v1/operations/{operationId}/resolutions',
  tag: 'Operations',
  summary: 'Answers a run that needs a person: try again, confirm what it asks, or end it as it is.',
  permission: 'run.command',
  headers: ['Idempotency-Key'],
  body: { 'application/json': resolution },
  answers: { 202: runView },
});

/** What people tell runs. It is written down here and acted upon by the run itself, also when Temporal comes back later. */
@Controller()
export class RunCommandsController {
  readonly #commands: Commands;
  readonly #configuration: Configuration;

  constructor(@Inject(configurationToken) configuration: Configuration, commands: Commands) {
    this.#configuration = configuration;
    this.#commands = commands;
  }

  @Operation(cancel)
  cancel(call: CallOf<typeof cancel>): Promise<Answer> {
    return this.#commands.perform(call, cancellation, (unit, { reason }) =>
      this.#tell(unit, call, 'cancel', reason ?? null),
    );
  }

  @Operation(resolve)
  resolve(call: CallOf<typeof resolve>): Promise<Answer> {
    return this.#commands.perform(call, resolution, (unit, { decision, reason }) =>
      this.#tell(unit, call, decision, reason),
    );
  }

  async #tell(unit: Unit, call: Call, command: RunCommand, reason: string | null): Promise<Outcome> {
    const id = call.params.operationId!;
    const { caller } = call;
    const { tenantId, partnerId } = await visibleRun(unit, caller, id);
    if (!mayDoTo(caller.ability, 'run.command', { tenantId, partnerId: partnerId ?? null })) {
      throw new ProblemError('operation.not-found');
    }
    const held = await holdRun(unit, id);
    if (held === null) throw new ProblemError('operation.not-found');
    const decision = takeCommand(held, command);
    if (!decision.ok) throw new ProblemError(decision.refusal);
    if (decision.value === 'told') await commandRun(unit, id, command, reason);
    unit.em.clear();
    const run = (await findRun(unit, id))!;
    return {
      answer: {
        status: 202,
        body: toRunView(run, this.#configuration, caller.isOperator),
        headers: { 'operation-location': monitorUrl(this.#configuration.publicUrl, id), 'retry-after': '1' },
      },
      audit:
        decision.value === 'told'
          ? {
              tenantId: tenantId ?? partnerId ?? platformChain,
              action: `run.${command}`,
              object: `run/${id}`,
              data: { reason },
            }
          : null,
    };
  }
}
