import { Controller } from '@nestjs/common';
import { changedDevice, deviceChange, type ChangedDevice, type DeviceChange } from '@groundcrew/contracts';
import { takesAssignedUser, userDomainFault } from '@groundcrew/domain';
import {
  changeDevice,
  findDevice,
  findDeviceFacts,
  heldByOthers,
  holdDevice,
  readDomains,
  requestAssignment,
  type HeldRegistration,
  type Unit,
} from '@groundcrew/persistence';
import { Commands } from '../idempotency/commands.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { deviceVersionExpected } from '../routes/versions.js';
import { toDeviceView } from './device.view.js';

const change = operation({
  id: 'changeDevice',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}/devices/{deviceId}',
  tag: 'Devices',
  summary: 'Changes what is named of a device: group tag, assigned user, display name; null takes it away.',
  permission: 'device.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': deviceChange },
  answers: { 200: changedDevice },
});

/** Changes registered devices one by one. A device that is in the middle of a run is left alone. */
@Controller()
export class ChangeDeviceController {
  readonly #commands: Commands;

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const seen = deviceVersionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const deviceId = call.params.deviceId!;
    return this.#commands.perform(call, deviceChange, async (unit, body) => {
      const before = await holdDevice(unit, tenantId, deviceId);
      if (before === null) throw new ProblemError('device.not-found');
      if (before.version !== seen) throw new ProblemError('precondition.failed');
      await refuseBusy(unit, tenantId, before);
      const after = merged(before, body);
      const changed = changesOf(before, after);
      if (changed.includes('assignedUser')) await refuseUser(unit, tenantId, deviceId, after.assignedUser);
      if (changed.length > 0) await changeDevice(unit, tenantId, before, after);
      const operationId =
        changed.includes('groupTag') || changed.includes('displayName')
          ? await requestAssignment((sql, values) => unit.query(sql, values), tenantId, {
              kind: 'device',
              subject: deviceId,
              requestedBy: call.caller.principal,
              devices: [deviceId],
            })
          : null;
      const view = await viewOf(unit, tenantId, deviceId, operationId);
      return {
        answer: { status: 200, body: view, headers: { etag: view.etag } },
        audit:
          changed.length === 0
            ? null
            : { tenantId, action: 'device.changed', object: `device/${deviceId}`, data: { ...body } },
      };
    });
  }
}

type Changeable = Pick<HeldRegistration, 'groupTag' | 'assignedUser' | 'displayName'>;

/** A patch merges: what it does not name stays. */
function merged(before: Changeable, body: DeviceChange): Changeable {
  return {
    groupTag: body.groupTag === undefined ? before.groupTag : body.groupTag,
    assignedUser: body.assignedUserPrincipalName === undefined ? before.assignedUser : body.assignedUserPrincipalName,
    displayName: body.displayName === undefined ? before.displayName : body.displayName,
  };
}

function changesOf(before: Changeable, after: Changeable): (keyof Changeable)[] {
  return (['groupTag', 'assignedUser', 'displayName'] as const).filter((field) => before[field] !== after[field]);
}

async function refuseBusy(unit: Unit, tenantId: string, device: HeldRegistration): Promise<void> {
  // Its object was asked for with the tags that it has now: they are read back before anybody changes them.
  if (device.registeringRun !== null) throw new ProblemError('device.busy', { operationId: device.registeringRun });
  const [held] = await heldByOthers((sql, values) => unit.query(sql, values), tenantId, [device.deviceId]);
  if (held !== undefined) throw new ProblemError('device.busy', { operationId: held.runId });
}

async function refuseUser(unit: Unit, tenantId: string, deviceId: string, user: string | null): Promise<void> {
  if (user === null) return;
  const facts = await findDeviceFacts(unit, tenantId, deviceId);
  if (facts !== null && !takesAssignedUser(facts)) throw new ProblemError('device.takes-no-user');
  const fault = userDomainFault(user, await readDomains((sql, values) => unit.query(sql, values), tenantId));
  if (fault !== null) throw new ProblemError('user.domain-unknown', { detail: fault.message });
}

async function viewOf(
  unit: Unit,
  tenantId: string,
  deviceId: string,
  operationId: string | null,
): Promise<ChangedDevice> {
  return { ...toDeviceView((await findDevice(unit, tenantId, deviceId))!), operationId };
}
