import { Controller, Inject } from '@nestjs/common';
import {
  deregistrationPlanView,
  deregistrationQuery,
  newPartnerDeregistrationPlan,
  partnerDeregistrationBody,
  partnerPlanExecution,
  runView,
} from '@groundcrew/contracts';
import { actForCustomer, findPartner, findPartnerRegistrations, findPlan, type Unit } from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { admitPartner } from '../partners/partner-authority.js';
import { configurationToken } from '../platform/configuration.token.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { monitorUrl, toRunView } from '../runs/run.view.js';
import { DeregistrationPlanner } from './deregistration-planner.js';
import { toPlanView } from './deregistration.view.js';

const deregister = operation({
  id: 'deregisterPartnerRegistrations',
  method: 'POST',
  path: '/v1/partners/{partnerId}/deregistrations',
  tag: 'Deregistration',
  summary:
    'Takes registrations of a customer away, whichever partner made them, and nothing else: plans it (`dryRun=true`), or executes a plan.',
  permission: 'registration.remove',
  headers: ['Idempotency-Key'],
  query: deregistrationQuery,
  body: { 'application/json': partnerDeregistrationBody },
  answers: { 201: deregistrationPlanView, 202: runView },
});
type Deregister = CallOf<typeof deregister>;

/** A partner's path: the registration goes, enrolment and a joined directory object stay. Source: domain.md 8.4, 8.5. */
@Controller()
export class PartnerDeregistrationsController {
  readonly #configuration: Configuration;
  readonly #commands: Commands;
  readonly #planner: DeregistrationPlanner;

  constructor(
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
    planner: DeregistrationPlanner,
  ) {
    this.#configuration = configuration;
    this.#commands = commands;
    this.#planner = planner;
  }

  @Operation(deregister)
  deregister(call: Deregister): Promise<Answer> {
    return call.query.dryRun === 'true' ? this.#plan(call) : this.#execute(call);
  }

  #plan(call: Deregister): Promise<Answer> {
    const partnerId = call.params.partnerId!;
    return this.#commands.perform(call, newPartnerDeregistrationPlan, async (unit, body) => {
      const { tenantId, reason, note } = body;
      await admit(unit, call, tenantId);
      const partner = await findPartner(unit, partnerId);
      const selected = await select(unit, tenantId, body.deviceIds);
      await actForCustomer(unit, tenantId);
      const plan = await this.#planner.plan(
        unit,
        {
          tenantId,
          partnerId,
          path: partner!.kind === 'oem' ? 'oem' : 'partner',
          reason,
          note: note ?? null,
          byFilter: false,
          author: call.caller.principal,
        },
        selected,
      );
      const view = toPlanView(plan, await this.#planner.guards(unit, tenantId));
      return {
        answer: { status: 201, body: view, headers: {} },
        audit: {
          tenantId,
          action: 'deregistration.plan',
          object: `plan/${plan.id}`,
          data: { partnerId, devices: plan.devices, path: plan.path, reason },
        },
      };
    });
  }

  #execute(call: Deregister): Promise<Answer> {
    const partnerId = call.params.partnerId!;
    return this.#commands.perform(call, partnerPlanExecution, async (unit, { tenantId, planId }) => {
      await admit(unit, call, tenantId);
      await actForCustomer(unit, tenantId);
      const found = await findPlan(unit, tenantId, planId);
      if (found?.partner_id !== partnerId) throw new ProblemError('plan.not-found');
      const { plan, run } = await this.#planner.execute(unit, {
        tenantId,
        planId,
        principal: call.caller.principal,
        bodyDigest: createHash('sha256').update(JSON.stringify({ tenantId, planId })).digest(),
        typedCount: null,
        recoveryKeysReason: null,
        graceSeconds: null,
      });
      return {
        answer: {
          status: 202,
          body: toRunView(run, this.#configuration, false),
          headers: { 'operation-location': monitorUrl(this.#configuration.publicUrl, run.id), 'retry-after': '1' },
        },
        audit: {
          tenantId,
          action: 'deregistration.execute',
          object: `run/${run.id}`,
          data: { partnerId, planId, devices: plan.devices, path: plan.path, reason: plan.reason },
        },
      };
    });
  }
}

async function admit(unit: Unit, { caller, params }: Deregister, tenantId: string): Promise<void> {
  await admitPartner(unit, { caller, action: 'remove_registration_only', partnerId: params.partnerId!, tenantId });
}

/** What the customer registered itself does not exist for a partner. */
async function select(unit: Unit, tenantId: string, named: readonly string[]) {
  const deviceIds = (await findPartnerRegistrations(unit, tenantId, named)).map((device) => device.id);
  const known = new Set(deviceIds);
  return { deviceIds, unknown: named.filter((id) => !known.has(id)), ambiguous: [] };
}
