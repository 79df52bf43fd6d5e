import { Controller, Inject } from '@nestjs/common';
import { newRepair, repairPage, repairQuery, repairView } from '@groundcrew/contracts';
import { mayTakeBoard } from '@groundcrew/domain';
import {
  acceptRepair,
  allPlanLines,
  findRepair,
  isRegisteredHere,
  listRepairs,
  selectDevices,
  uuidV7,
  type Unit,
} from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import type { Configuration } from '../configuration.js';
import { DeregistrationPlanner } from '../deregistrations/deregistration-planner.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { monitorUrl } from '../runs/run.view.js';
import { toRepairView } from './repair.view.js';

const open = operation({
  id: 'openRepair',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/repairs',
  tag: 'Repairs',
  summary:
    'Opens the repair of a device whose board is replaced: deregisters it, and waits for the hash of the new board.',
  permission: 'repair.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newRepair },
  answers: { 202: repairView },
});

const list = operation({
  id: 'listRepairs',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/repairs',
  tag: 'Repairs',
  summary: 'Lists repairs, and which registration followed which.',
  permission: 'repair.read',
  query: repairQuery,
  answers: { 200: repairPage },
});

const read = operation({
  id: 'readRepair',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/repairs/{repairId}',
  tag: 'Repairs',
  summary: 'Reads where a repair stands, the runs that it goes through, and what is taken over.',
  permission: 'repair.read',
  answers: { 200: repairView },
});

/** Opens repairs and shows them; what a workshop or a person says later comes by its own routes. */
@Controller()
export class RepairsController {
  readonly #databases: Databases;
  readonly #commands: Commands;
  readonly #configuration: Configuration;
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

  @Operation(open)
  open(call: CallOf<typeof open>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    const { principal } = call.caller;
    return this.#commands.perform(call, newRepair, async (unit, body) => {
      await refuseDonor(unit, tenantId, body.deviceId, body.donorDeviceId ?? null);
      const bodyDigest = createHash('sha256').update(JSON.stringify(body)).digest();
      const named = { deviceIds: [body.deviceId], serialNumbers: [], filter: null };
      const plan = await this.#planner.plan(
        unit,
        {
          tenantId,
          partnerId: null,
          path: 'tenant_admin',
          reason: 'repair',
          note: body.why,
          byFilter: false,
          author: principal,
        },
        await selectDevices(unit, tenantId, named, 2),
      );
      const [line] = await allPlanLines(unit, plan.id);
      const { run } = await this.#planner.execute(unit, {
        tenantId,
        planId: plan.id,
        principal,
        bodyDigest,
        typedCount: null,
        recoveryKeysReason: body.recoveryKeysReason ?? null,
        graceSeconds: null,
      });
      const repair = await acceptRepair(unit, {
        id: uuidV7(Date.now()),
        tenantId,
        deviceId: body.deviceId,
        donorDeviceId: body.donorDeviceId ?? null,
        why: body.why,
        userId: line!.facts.userId,
        userName: line!.facts.userName,
        deregistrationRunId: run.id,
        openedBy: principal,
        bodyDigest,
      });
      const { publicUrl } = this.#configuration;
      return {
        answer: {
          status: 202,
          body: toRepairView(repair),
          headers: {
            location: `${publicUrl}/v1/tenants/${tenantId}/repairs/${repair.id}`,
            'operation-location': monitorUrl(publicUrl, repair.id),
            'retry-after': '1',
          },
        },
        audit: {
          tenantId,
          action: 'repair.open',
          object: `run/${repair.id}`,
          data: {
            deviceId: body.deviceId,
            donorDeviceId: body.donorDeviceId ?? null,
            why: body.why,
            planId: plan.id,
            deregistrationId: run.id,
            recoveryKeysReason: body.recoveryKeysReason ?? null,
          },
        },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const filter = { state: call.query.state ?? null, deviceId: call.query.deviceId ?? null };
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listRepairs(unit, call.params.tenantId!, filter, page),
    );
    return pageAnswer(call, this.#configuration.publicUrl, slice, toRepairView, ({ id }) => id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const repair = await this.#databases.readAs(call.caller, (unit) =>
      findRepair(unit, call.params.tenantId!, call.params.repairId!),
    );
    if (repair === null) throw new ProblemError('repair.not-found');
    return { status: 200, body: toRepairView(repair) };
  }
}

/** The donor-board rule, asked about what is registered now. @throws ProblemError where the donor has to be deregistered first */
export async function refuseDonor(
  unit: Unit,
  tenantId: string,
  deviceId: string,
  donorDeviceId: string | null,
): Promise<void> {
  const donor =
    donorDeviceId === null
      ? null
      : { deviceId: donorDeviceId, registered: await isRegisteredHere(unit, tenantId, donorDeviceId) };
  const decision = mayTakeBoard(deviceId, donor);
  if (!decision.ok) throw new ProblemError(decision.refusal);
}
