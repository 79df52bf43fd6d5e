import { Inject, Injectable } from '@nestjs/common';
import {
  differencesOf,
  estimateSeconds,
  guardsAgainst,
  guardsOf,
  planDevice,
  type DeregistrationGuards,
  type DeregistrationPath,
  type DeregistrationReason,
} from '@groundcrew/domain';
import {
  addPlan,
  allPlanLines,
  executePlan,
  findPlan,
  guardSettingsOf,
  inventoryOf,
  registryFactsOf,
  uuidV7,
  type DeregistrationPlan,
  type Run,
  type SelectedDevices,
  type Unit,
} from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { ProblemError } from '../problems/problem.error.js';
import { gatherFacts } from './gather-facts.js';
import { Neighbours } from './neighbours.js';

export interface PlanWish {
  tenantId: string;
  partnerId: string | null;
  path: DeregistrationPath;
  reason: DeregistrationReason;
  note: string | null;
  byFilter: boolean;
  author: string;
}

export interface ExecutionWish {
  tenantId: string;
  planId: string;
  principal: string;
  bodyDigest: Buffer;
  typedCount: number | null;
  recoveryKeysReason: string | null;
  graceSeconds: number | null;
}

const mostShown = 100;

/** Freezes plans, and executes those that still hold: it loads, the domain decides, the store saves. */
@Injectable()
export class DeregistrationPlanner {
  readonly #neighbours: Neighbours;
  readonly #configuration: Configuration;

  constructor(@Inject(configurationToken) configuration: Configuration, neighbours: Neighbours) {
    this.#configuration = configuration;
    this.#neighbours = neighbours;
  }

  guards = async (unit: Unit, tenantId: string): Promise<DeregistrationGuards> =>
    guardsOf((await guardSettingsOf(unit, tenantId)).settings);

  /** Freezes what would happen. @throws ProblemError where a name is unknown, or could mean several devices */
  async plan(unit: Unit, wish: PlanWish, selected: SelectedDevices): Promise<DeregistrationPlan> {
    refuseUnclear(selected);
    const guards = await this.guards(unit, wish.tenantId);
    const known = await registryFactsOf(unit, wish.tenantId, selected.deviceIds);
    const facts = await gatherFacts(this.#neighbours, wish.tenantId, known);
    const devices = [...facts.values()].map((each) => planDevice(wish.path, each));
    const estimate = estimateSeconds(wish.path, devices.length, this.#configuration.syncIntervalSeconds);
    return await addPlan(
      unit,
      { ...wish, id: uuidV7(Date.now()), estimateSeconds: estimate, minutes: guards.planMinutes },
      devices,
    );
  }

  /** Makes the plan a run. @throws ProblemError where something stands against it, or reality has moved since */
  async execute(unit: Unit, wish: ExecutionWish): Promise<{ plan: DeregistrationPlan; run: Run }> {
    const plan = await findPlan(unit, wish.tenantId, wish.planId, true);
    if (plan === null) throw new ProblemError('plan.not-found');
    if (plan.run_id !== null) throw new ProblemError('plan.executed', { operationId: plan.run_id });
    if (plan.expired) throw new ProblemError('plan.expired');
    if (plan.blocked > 0) throw new ProblemError('plan.blocked', { detail: `${plan.blocked} devices are held up.` });
    const guards = await this.guards(unit, wish.tenantId);
    const against = guardsAgainst(
      guards,
      {
        devices: plan.devices,
        author: plan.author,
        byFilter: plan.by_filter,
        devicesWithRecoveryKeys: plan.recovery_keys,
      },
      { ...wish, approvedBy: plan.approved_by },
      await inventoryOf(unit, wish.tenantId),
    );
    if (against.length > 0) {
      throw new ProblemError(against[0]!, {
        errors: against.map((code) => ({ pointer: `/guards/${code.slice('guard.'.length)}`, code, message: code })),
      });
    }
    const deviceIds = await this.#refuseDrift(unit, plan);
    const executed = await executePlan(
      unit,
      plan,
      {
        runId: uuidV7(Date.now()),
        requestedBy: wish.principal,
        bodyDigest: wish.bodyDigest,
        graceSeconds: wish.graceSeconds ?? guards.graceSeconds,
        recoveryKeysReason: wish.recoveryKeysReason,
        chunkSize: this.#configuration.deregistrationChunk,
      },
      deviceIds,
    );
    if ('held' in executed) {
      const [first] = executed.held;
      throw new ProblemError('device.busy', {
        operationId: first!.runId,
        errors: executed.held.slice(0, mostShown).map(({ deviceId, runId, kind }) => ({
          pointer: `/devices/${deviceId}`,
          code: 'device.busy',
          message: `In the middle of ${kind} ${runId}.`,
        })),
      });
    }
    return { plan, run: executed.run };
  }

  async #refuseDrift(unit: Unit, plan: DeregistrationPlan): Promise<string[]> {
    const lines = await allPlanLines(unit, plan.id);
    const ids = lines.map(({ facts }) => facts.deviceId);
    const now = await gatherFacts(this.#neighbours, plan.tenant_id, await registryFactsOf(unit, plan.tenant_id, ids));
    const moved = lines.flatMap(({ facts }) => differencesOf(facts, now.get(facts.deviceId) ?? null));
    if (moved.length > 0) {
      throw new ProblemError('plan.reality-moved', {
        detail: `${moved.length} things are not any more as the plan says. Make a new plan.`,
        errors: moved.slice(0, mostShown).map(({ deviceId, field, planned, now: found }) => ({
          pointer: `/devices/${deviceId}/${field}`,
          code: 'moved',
          message: `Planned ${planned ?? 'nothing'}, now ${found ?? 'nothing'}.`,
        })),
      });
    }
    return ids;
  }
}

/** @throws ProblemError where a name means nothing, or several things */
export function refuseUnclear({ deviceIds, unknown, ambiguous }: SelectedDevices): void {
  if (ambiguous.length > 0) {
    throw new ProblemError('plan.ambiguous', {
      errors: ambiguous.slice(0, mostShown).map(({ serialNumber, candidates }) => ({
        pointer: `/serialNumbers/${serialNumber}`,
        code: 'ambiguous',
        message: candidates
          .map((device) => `${device.deviceId} (${device.manufacturer ?? 'unknown'} ${device.model ?? ''})`)
          .join(', '),
      })),
    });
  }
  if (unknown.length > 0) {
    throw new ProblemError('plan.unknown-devices', {
      errors: unknown
        .slice(0, mostShown)
        .map((name) => ({ pointer: `/devices/${name}`, code: 'unknown', message: 'No device has this name.' })),
    });
  }
  if (deviceIds.length === 0) throw new ProblemError('plan.empty');
}
