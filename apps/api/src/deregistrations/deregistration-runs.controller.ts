import { Controller, Inject } from '@nestjs/common';
import {
  deregistrationView,
  deviceResolution,
  ledgerDevicePage,
  ledgerDeviceQuery,
  ledgerStepPage,
  ledgerStepQuery,
  newRestoration,
  runView,
} from '@groundcrew/contracts';
import { nextStep, resolve, type DeregistrationStep } from '@groundcrew/domain';
import {
  acceptRestore,
  findDeregistration,
  findRun,
  ledgerKeyOf,
  listLedgerDevices,
  listLedgerSteps,
  lockAttention,
  resolveDevices,
  uuidV7,
  type AttentionDevice,
  type DeregistrationRecord,
  type ResolvedDevice,
  type Run,
  type Unit,
} from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import type { Caller } from '../identity/caller.js';
import { mayDoTo } from '../identity/abilities.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { keysetOf, numberKey, pageAnswer } from '../routes/paging.js';
import { monitorUrl, toRunView } from '../runs/run.view.js';
import { visibleRun } from '../runs/runs.controller.js';
import { toDeregistrationView, toLedgerDeviceView, toLedgerStepView } from './deregistration.view.js';

const read = operation({
  id: 'readDeregistration',
  method: 'GET',
  path: '/v1/operations/{operationId}/deregistration',
  tag: 'Deregistration',
  summary: 'A deregistration as a whole: how many devices stand where, were restored, or went forward.',
  permission: 'run.read',
  answers: { 200: deregistrationView },
});

const devices = operation({
  id: 'listDeregistrationDevices',
  method: 'GET',
  path: '/v1/operations/{operationId}/devices',
  tag: 'Deregistration',
  summary: 'Where each device stands, what it waits for, and what is not as it should be.',
  permission: 'run.read',
  query: ledgerDeviceQuery,
  answers: { 200: ledgerDevicePage },
});

const ledger = operation({
  id: 'listDeregistrationSteps',
  method: 'GET',
  path: '/v1/operations/{operationId}/ledger',
  tag: 'Deregistration',
  summary: 'What was asked for each device, in each attempt, and by whose answer it stands as it does.',
  permission: 'run.read',
  query: ledgerStepQuery,
  answers: { 200: ledgerStepPage },
});

const settle = operation({
  id: 'resolveDevices',
  method: 'POST',
  path: '/v1/operations/{operationId}/deviceResolutions',
  tag: 'Deregistration',
  summary: 'Decides about devices that cannot go on: retry, skip or abandon, by name or all with the same code.',
  permission: 'run.command',
  headers: ['Idempotency-Key'],
  body: { 'application/json': deviceResolution },
  answers: { 202: deregistrationView },
});

const restore = operation({
  id: 'restoreDevices',
  method: 'POST',
  path: '/v1/operations/{operationId}/restorations',
  tag: 'Deregistration',
  summary: 'Brings devices back that this deregistration took out, within 30 days, as a run of its own.',
  permission: 'run.command',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newRestoration },
  answers: { 202: runView },
});

const ledgerKey = z.tuple([z.number().int(), z.string().max(60), z.string().max(60)]);

/** What people see of a deregistration that was executed, and what they tell it. */
@Controller()
export class DeregistrationRunsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;
  readonly #commands: Commands;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#configuration = configuration;
    this.#commands = commands;
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const record = await this.#databases.readAs(call.caller, (unit) => deregistrationOf(unit, call));
    return { status: 200, body: toDeregistrationView(record) };
  }

  @Operation(devices)
  async devices(call: CallOf<typeof devices>): Promise<Answer> {
    const page = keysetOf(call.query, numberKey);
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      const { run_id } = await deregistrationOf(unit, call);
      return await listLedgerDevices(unit, run_id, call.query.state ?? null, page);
    });
    return pageAnswer(call, this.#configuration.publicUrl, slice, toLedgerDeviceView, ({ position }) => position);
  }

  @Operation(ledger)
  async ledger(call: CallOf<typeof ledger>): Promise<Answer> {
    const page = keysetOf(call.query, ledgerKey);
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      const { run_id } = await deregistrationOf(unit, call);
      return await listLedgerSteps(unit, run_id, call.query.deviceId ?? null, page);
    });
    return pageAnswer(call, this.#configuration.publicUrl, slice, toLedgerStepView, ledgerKeyOf);
  }

  @Operation(settle)
  settle(call: CallOf<typeof settle>): Promise<Answer> {
    return this.#commands.perform(call, deviceResolution, async (unit, { decision, reason, deviceIds, code }) => {
      const run = await commandedRun(unit, call);
      await deregistrationOf(unit, call);
      const held = await lockAttention(unit, run.id, { deviceIds: deviceIds ?? null, code: code ?? null });
      const resolved = held.map((device) => decided(device, decision, reason ?? null));
      if (resolved.length === 0) throw new ProblemError('deregistration.nothing-to-resolve');
      await resolveDevices(unit, { runId: run.id, tenantId: run.tenantId! }, resolved, reason ?? null);
      return {
        answer: {
          status: 202,
          body: toDeregistrationView(await deregistrationOf(unit, call)),
          headers: { 'operation-location': monitorUrl(this.#configuration.publicUrl, run.id) },
        },
        audit: {
          tenantId: run.tenantId!,
          action: `deregistration.${decision}`,
          object: `run/${run.id}`,
          data: { devices: resolved.length, code: code ?? null, reason: reason ?? null },
        },
      };
    });
  }

  @Operation(restore)
  restore(call: CallOf<typeof restore>): Promise<Answer> {
    return this.#commands.perform(call, newRestoration, async (unit, { deviceIds }) => {
      const run = await commandedRun(unit, call);
      await deregistrationOf(unit, call);
      const tenantId = run.tenantId!;
      const accepted = await acceptRestore(unit, {
        runId: uuidV7(Date.now()),
        tenantId,
        deregistrationId: run.id,
        deviceIds: deviceIds ?? null,
        requestedBy: call.caller.principal,
        bodyDigest: createHash('sha256')
          .update(JSON.stringify(deviceIds ?? null))
          .digest(),
        chunkSize: this.#configuration.deregistrationChunk,
      });
      if (accepted === 'nothing') throw new ProblemError('restore.nothing-kept');
      if ('held' in accepted) {
        throw new ProblemError('device.busy', { operationId: accepted.held[0]!.runId });
      }
      return {
        answer: {
          status: 202,
          body: toRunView(accepted.run, this.#configuration, call.caller.isOperator),
          headers: {
            'operation-location': monitorUrl(this.#configuration.publicUrl, accepted.run.id),
            'retry-after': '1',
          },
        },
        audit: {
          tenantId,
          action: 'deregistration.restore',
          object: `run/${accepted.run.id}`,
          data: { deregistrationId: run.id, devices: accepted.run.received },
        },
      };
    });
  }
}

interface RunCall {
  caller: Caller;
  params: Record<string, string>;
}

async function deregistrationOf(unit: Unit, { caller, params }: RunCall): Promise<DeregistrationRecord> {
  const run = await visibleRun(unit, caller, params.operationId!);
  const record = await findDeregistration(unit, run.id);
  if (record === null) throw new ProblemError('operation.not-found');
  return record;
}

async function commandedRun(unit: Unit, { caller, params }: RunCall): Promise<Run> {
  const run = await visibleRun(unit, caller, params.operationId!);
  const { tenantId, partnerId } = run;
  if (!mayDoTo(caller.ability, 'run.command', { tenantId, partnerId: partnerId ?? null }))
    throw new ProblemError('operation.not-found');
  return (await findRun(unit, run.id))!;
}

function decided(
  device: AttentionDevice,
  decision: 'retry' | 'skip' | 'abandon',
  reason: string | null,
): ResolvedDevice {
  const step = device.step as DeregistrationStep;
  const steps = device.steps as DeregistrationStep[];
  const { state, crossed, undoing } = device;
  const resolved = resolve({ state, step, crossed, undoing }, decision, reason);
  if (!resolved.ok) {
    throw new ProblemError(resolved.refusal, {
      errors: [
        { pointer: `/devices/${device.device_id}`, code: resolved.refusal, message: `It is ${state} at ${step}.` },
      ],
    });
  }
  const { go } = resolved.value;
  const next = go === 'next' ? nextStep(steps, step) : step;
  return {
    deviceId: device.device_id,
    // Past its last step there is nothing left to do.
    state: next === null ? 'skipped' : resolved.value.state,
    step: next ?? step,
    again: go === 'again' && !undoing,
    skippedStep: go === 'next' ? step : null,
    undoing: undoing || go === 'undo',
  };
}
