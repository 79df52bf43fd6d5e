import { Controller, Inject } from '@nestjs/common';
import {
  deregistrationBody,
  deregistrationPlanView,
  deregistrationQuery,
  newDeregistrationPlan,
  pageQuery,
  planExecution,
  planLinePage,
  runView,
} from '@groundcrew/contracts';
import {
  approvePlan,
  findPlan,
  listPlanLines,
  selectDevices,
  type DeregistrationPlan,
  type Unit,
} from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { keysetOf, numberKey, pageAnswer } from '../routes/paging.js';
import { monitorUrl, toRunView } from '../runs/run.view.js';
import { DeregistrationPlanner } from './deregistration-planner.js';
import { toPlanLineView, toPlanView } from './deregistration.view.js';

const deregister = operation({
  id: 'deregisterDevices',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/deregistrations',
  tag: 'Deregistration',
  summary: 'Plans a deregistration (`dryRun=true`), or executes a plan as it was read.',
  permission: 'device.deregister',
  headers: ['Idempotency-Key'],
  query: deregistrationQuery,
  body: { 'application/json': deregistrationBody },
  answers: { 201: deregistrationPlanView, 202: runView },
});

const readPlan = operation({
  id: 'readDeregistrationPlan',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/deregistrationPlans/{planId}',
  tag: 'Deregistration',
  summary: 'Reads a plan as it was frozen.',
  permission: 'device.read',
  answers: { 200: deregistrationPlanView },
});

const lines = operation({
  id: 'listDeregistrationPlanDevices',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/deregistrationPlans/{planId}/devices',
  tag: 'Deregistration',
  summary: 'The devices of a plan: what was captured of each, its steps, and what holds it up.',
  permission: 'device.read',
  query: z.strictObject(pageQuery),
  answers: { 200: planLinePage },
});

const approve = operation({
  id: 'approveDeregistrationPlan',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/deregistrationPlans/{planId}/approvals',
  tag: 'Deregistration',
  summary: 'Approves a plan that somebody else made.',
  permission: 'device.deregister',
  headers: ['Idempotency-Key'],
  answers: { 200: deregistrationPlanView },
});

/** More devices than this are several plans. */
const mostPlanned = 100_000;

@Controller()
export class DeregistrationsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;
  readonly #commands: Commands;
  readonly #planner: DeregistrationPlanner;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
    planner: DeregistrationPlanner,
  ) {
    this.#databases = databases;
    this.#configuration = configuration;
    this.#commands = commands;
    this.#planner = planner;
  }

  @Operation(deregister)
  deregister(call: CallOf<typeof deregister>): Promise<Answer> {
    return call.query.dryRun === 'true' ? this.#plan(call) : this.#execute(call);
  }

  @Operation(readPlan)
  async read(call: CallOf<typeof readPlan>): Promise<Answer> {
    const { tenantId, planId } = call.params;
    const view = await this.#databases.readAs(call.caller, async (unit) =>
      this.#view(unit, known(await findPlan(unit, tenantId!, planId!))),
    );
    return { status: 200, body: view };
  }

  @Operation(lines)
  async lines(call: CallOf<typeof lines>): Promise<Answer> {
    const { tenantId, planId } = call.params;
    const page = keysetOf(call.query, numberKey);
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      known(await findPlan(unit, tenantId!, planId!));
      return await listPlanLines(unit, planId!, page);
    });
    return pageAnswer(call, this.#configuration.publicUrl, slice, toPlanLineView, ({ position }) => position);
  }

  @Operation(approve)
  approve(call: CallOf<typeof approve>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, null, async (unit) => {
      const plan = known(await findPlan(unit, tenantId, call.params.planId!, true));
      if (plan.author === call.caller.principal) throw new ProblemError('plan.own-approval');
      if (plan.run_id !== null) throw new ProblemError('plan.executed', { operationId: plan.run_id });
      if (plan.expired) throw new ProblemError('plan.expired');
      const approved = await approvePlan(unit, tenantId, plan.id, call.caller.principal);
      return {
        answer: { status: 200, body: await this.#view(unit, approved), headers: {} },
        audit: {
          tenantId,
          action: 'deregistration.approve',
          object: `plan/${plan.id}`,
          data: { devices: plan.devices },
        },
      };
    });
  }

  #plan(call: CallOf<typeof deregister>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newDeregistrationPlan, async (unit, body) => {
      const { purchaseOrderIdentifier, ...filter } = body.filter ?? {};
      const selected = await selectDevices(
        unit,
        tenantId,
        {
          deviceIds: body.deviceIds ?? [],
          serialNumbers: body.serialNumbers ?? [],
          filter: body.filter === undefined ? null : { ...filter, purchaseOrder: purchaseOrderIdentifier },
        },
        mostPlanned,
      );
      const wish = {
        tenantId,
        partnerId: null,
        path: body.path ?? (body.reason === 'opt_out' ? ('opt_out' as const) : ('tenant_admin' as const)),
        reason: body.reason,
        note: body.note ?? null,
        byFilter: body.filter !== undefined,
        author: call.caller.principal,
      };
      const plan = await this.#planner.plan(unit, wish, selected);
      return {
        answer: { status: 201, body: await this.#view(unit, plan), headers: { location: this.#planUrl(plan) } },
        audit: {
          tenantId,
          action: 'deregistration.plan',
          object: `plan/${plan.id}`,
          data: { devices: plan.devices, path: plan.path, reason: plan.reason },
        },
      };
    });
  }

  #execute(call: CallOf<typeof deregister>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, planExecution, async (unit, body) => {
      const { plan, run } = await this.#planner.execute(unit, {
        tenantId,
        planId: body.planId,
        principal: call.caller.principal,
        bodyDigest: createHash('sha256').update(JSON.stringify(body)).digest(),
        typedCount: body.typedCount ?? null,
        recoveryKeysReason: body.recoveryKeysReason ?? null,
        graceSeconds: body.graceSeconds ?? null,
      });
      return {
        answer: {
          status: 202,
          body: toRunView(run, this.#configuration, call.caller.isOperator),
          headers: {
            'operation-location': monitorUrl(this.#configuration.publicUrl, run.id),
            'retry-after': '1',
          },
        },
        audit: {
          tenantId,
          action: 'deregistration.execute',
          object: `run/${run.id}`,
          data: {
            planId: plan.id,
            devices: plan.devices,
            path: plan.path,
            reason: plan.reason,
            approvedBy: plan.approved_by,
            recoveryKeysReason: body.recoveryKeysReason ?? null,
          },
        },
      };
    });
  }

  async #view(unit: Unit, plan: DeregistrationPlan) {
    return toPlanView(plan, await this.#planner.guards(unit, plan.tenant_id));
  }

  #planUrl(plan: DeregistrationPlan): string {
    return `${this.#configuration.publicUrl}/v1/tenants/${plan.tenant_id}/deregistrationPlans/${plan.id}`;
  }
}

function known(plan: DeregistrationPlan | null): DeregistrationPlan {
  if (plan === null) throw new ProblemError('plan.not-found');
  return plan;
}
