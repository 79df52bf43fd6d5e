import { Controller, Inject } from '@nestjs/common';
import { repairHash, repairView } from '@groundcrew/contracts';
import { repairLifecycle, type RepairEvent } from '@groundcrew/domain';
import {
  acceptRestore,
  acceptRun,
  findRepair,
  letGoOfDevice,
  repairRegisters,
  repairRestores,
  uuidV7,
  type RepairRecord,
  type StoredAnswer,
  type Unit,
} from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import type { Configuration } from '../configuration.js';
import { Commands, mediaTypeOf, type Outcome } from '../idempotency/commands.js';
import { parseJson, shaped } from '../idempotency/json-body.js';
import { Intake, type Arrived } from '../intake/intake.js';
import { defaultsOf } from '../orders/json-order.js';
import { configurationToken } from '../platform/configuration.token.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { monitorUrl } from '../runs/run.view.js';
import { toRepairView } from './repair.view.js';
import { refuseDonor } from './repairs.controller.js';

const submitHash = operation({
  id: 'submitRepairHash',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/repairs/{repairId}/hashes',
  tag: 'Repairs',
  summary:
    'Registers the repaired device by the hash of its new board, with the tag, purchase order and user that it had.',
  permission: 'repair.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': repairHash },
  answers: { 202: repairView },
});

const cancel = operation({
  id: 'cancelRepair',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/repairs/{repairId}/cancellations',
  tag: 'Repairs',
  summary: 'Ends a repair while the hash is waited for: the old registration is restored.',
  permission: 'repair.write',
  headers: ['Idempotency-Key'],
  answers: { 202: repairView },
});

/** What is said about a repair that is under way. Both become runs of their own; the repair hears when they are over. */
@Controller()
export class RepairCommandsController {
  readonly #commands: Commands;
  readonly #configuration: Configuration;
  readonly #intake: Intake;

  constructor(@Inject(configurationToken) configuration: Configuration, commands: Commands, intake: Intake) {
    this.#configuration = configuration;
    this.#commands = commands;
    this.#intake = intake;
  }

  @Operation(submitHash)
  submitHash(call: CallOf<typeof submitHash>): Promise<Answer> {
    mediaTypeOf(call, ['application/json']);
    const tenantId = call.params.tenantId!;
    return this.#intake.take(call, [], async ({ body }) => {
      const { hardwareIdentifier } = shaped(repairHash, parseJson(await body.whole()));
      const row = Buffer.from(`${JSON.stringify({ hardwareIdentifier })}\n`);
      return {
        owner: { tenantId, partnerId: null },
        format: 'jsonl' as const,
        chunks: [row],
        digest: () => createHash('sha256').update(row).digest(),
        accept: (unit, arrived) => this.#register(unit, call, arrived),
      };
    });
  }

  @Operation(cancel)
  cancel(call: CallOf<typeof cancel>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, null, async (unit) => {
      const repair = await heldFor(unit, call, 'cancel');
      await letGoOfDevice(unit, repair);
      const accepted = await acceptRestore(unit, {
        runId: uuidV7(Date.now()),
        tenantId,
        deregistrationId: repair.deregistrationRunId,
        deviceIds: [repair.deviceId],
        requestedBy: call.caller.principal,
        bodyDigest: createHash('sha256').update(repair.deviceId).digest(),
        chunkSize: 1,
      });
      if (accepted === 'nothing') throw new ProblemError('restore.nothing-kept');
      if ('held' in accepted) throw new ProblemError('device.busy', { operationId: accepted.held[0]!.runId });
      const restoring = await repairRestores(unit, repair, accepted.run.id);
      return {
        answer: this.#answer(restoring),
        audit: {
          tenantId,
          action: 'repair.cancel',
          object: `run/${repair.id}`,
          data: { deviceId: repair.deviceId, restoreId: accepted.run.id },
        },
      };
    });
  }

  async #register(unit: Unit, call: Call<unknown>, arrived: Arrived): Promise<Outcome> {
    const repair = await heldFor(unit, call, 'hash_submitted');
    const { tenantId, groupTag, purchaseOrder } = repair;
    await refuseDonor(unit, tenantId, repair.deviceId, repair.donorDeviceId);
    const run = await acceptRun(unit, {
      ...arrived,
      kind: 'import',
      tenantId,
      partnerId: null,
      orderId: null,
      consentId: null,
      validateOnly: false,
      defaults: defaultsOf({
        groupTag: groupTag ?? undefined,
        purchaseOrderIdentifier: purchaseOrder ?? undefined,
      }),
    });
    const registering = await repairRegisters(unit, repair, run.id);
    return {
      answer: this.#answer(registering),
      audit: {
        tenantId,
        action: 'repair.submit-hash',
        object: `run/${repair.id}`,
        data: { deviceId: repair.deviceId, registrationId: run.id, bodyDigest: arrived.bodyDigest.toString('hex') },
      },
    };
  }

  #answer(repair: RepairRecord): StoredAnswer {
    return {
      status: 202,
      body: toRepairView(repair),
      headers: { 'operation-location': monitorUrl(this.#configuration.publicUrl, repair.id), 'retry-after': '1' },
    };
  }
}

/** The case, held still. @throws ProblemError where it cannot be told this now */
async function heldFor(unit: Unit, { params }: Call<unknown>, event: RepairEvent): Promise<RepairRecord> {
  const repair = await findRepair(unit, params.tenantId!, params.repairId!, true);
  if (repair === null) throw new ProblemError('repair.not-found');
  if (repairLifecycle[repair.state][event] === undefined) {
    throw new ProblemError('repair.not-waiting', {
      detail: `It is ${repair.state}.`,
      operationId:
        repair.state === 'opened' || repair.state === 'deregistering' ? repair.deregistrationRunId : repair.id,
    });
  }
  return repair;
}
