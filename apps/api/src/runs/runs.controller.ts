import { Controller, Inject } from '@nestjs/common';
import {
  correctedLinePage,
  pageQuery,
  runItemPage,
  runItemQuery,
  runPage,
  runStepPage,
  runView,
} from '@groundcrew/contracts';
import {
  findRun,
  listCorrections,
  listRunItems,
  listRuns,
  listRunSteps,
  stepKeyOf,
  type Run,
  type RunItem,
  type Unit,
} from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { mayDoTo } from '../identity/abilities.js';
import type { Caller } from '../identity/caller.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, numberKey, pageAnswer } from '../routes/paging.js';
import { etagOf } from '../routes/versions.js';
import { toCorrectedLineView, toRunItemView, toRunStepView, toRunView } from './run.view.js';

const list = operation({
  id: 'listOperations',
  method: 'GET',
  path: '/v1/operations',
  tag: 'Operations',
  summary: "Lists the runs in the caller's scope, newest first.",
  permission: 'run.read',
  query: z.strictObject(pageQuery),
  answers: { 200: runPage },
});

const read = operation({
  id: 'readOperation',
  method: 'GET',
  path: '/v1/operations/{operationId}',
  tag: 'Operations',
  summary: 'The monitor of a run.',
  permission: 'run.read',
  answers: { 200: runView },
});

const items = operation({
  id: 'listOperationItems',
  method: 'GET',
  path: '/v1/operations/{operationId}/items',
  tag: 'Operations',
  summary: 'The verdict on each row, in the order of the file.',
  permission: 'run.read',
  query: runItemQuery,
  answers: { 200: runItemPage },
});

const corrected = operation({
  id: 'listOperationCorrections',
  method: 'GET',
  path: '/v1/operations/{operationId}/corrections',
  tag: 'Operations',
  summary: 'What was changed to read a line, for each line that was not read as it stands.',
  permission: 'run.read',
  query: z.strictObject(pageQuery),
  answers: { 200: correctedLinePage },
});

const steps = operation({
  id: 'listOperationSteps',
  method: 'GET',
  path: '/v1/operations/{operationId}/steps',
  tag: 'Operations',
  summary: 'What was asked of each neighbour, chunk by chunk, and what it waits for.',
  permission: 'run.read',
  query: z.strictObject(pageQuery),
  answers: { 200: runStepPage },
});

const stepKey = z.tuple([z.number().int(), z.string(), z.guid()]);

@Controller()
export class RunsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#configuration = configuration;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listRuns(unit, page));
    const view = (run: Run) => toRunView(run, this.#configuration, call.caller.isOperator);
    return pageAnswer(call, this.#configuration.publicUrl, slice, view, (run) => run.id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const run = await this.#databases.readAs(call.caller, (unit) =>
      visibleRun(unit, call.caller, call.params.operationId!),
    );
    const view = toRunView(run, this.#configuration, call.caller.isOperator);
    return {
      status: 200,
      body: view,
      headers: { etag: etagOf(`${run.version}.${run.eventCount}`), ...(view.done ? {} : { 'retry-after': '1' }) },
    };
  }

  @Operation(items)
  async items(call: CallOf<typeof items>): Promise<Answer> {
    const page = keysetOf(call.query, numberKey);
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      const run = await visibleRun(unit, call.caller, call.params.operationId!);
      return await listRunItems(unit, run.id, call.query.verdict ?? null, page);
    });
    const view = (item: RunItem) => toRunItemView(item, call.caller);
    return pageAnswer(call, this.#configuration.publicUrl, slice, view, (item) => item.line);
  }

  @Operation(corrected)
  async corrected(call: CallOf<typeof corrected>): Promise<Answer> {
    const page = keysetOf(call.query, numberKey);
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      const run = await visibleRun(unit, call.caller, call.params.operationId!);
      return await listCorrections(unit, run.id, page);
    });
    return pageAnswer(call, this.#configuration.publicUrl, slice, toCorrectedLineView, ({ line }) => line);
  }

  @Operation(steps)
  async steps(call: CallOf<typeof steps>): Promise<Answer> {
    const page = keysetOf(call.query, stepKey);
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      const run = await visibleRun(unit, call.caller, call.params.operationId!);
      return await listRunSteps(unit, run.id, page);
    });
    return pageAnswer(call, this.#configuration.publicUrl, slice, toRunStepView, stepKeyOf);
  }
}

/** A run of the caller's. Somebody else's does not exist. */
export async function visibleRun(unit: Unit, caller: Caller, id: string): Promise<Run> {
  const run = await findRun(unit, id);
  const belongs =
    run !== null && mayDoTo(caller.ability, 'run.read', { tenantId: run.tenantId, partnerId: run.partnerId ?? null });
  if (!belongs) throw new ProblemError('operation.not-found');
  return run;
}
