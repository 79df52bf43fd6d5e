import { Controller, Inject } from '@nestjs/common';
import { deviceFactsChange, deviceFactsView, type DeviceFactsView } from '@groundcrew/contracts';
import { findDeviceFacts, keepDeviceFacts, requestAssignment, type KnownDeviceFacts } from '@groundcrew/persistence';
import { Commands } from '../idempotency/commands.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { etagOf, versionExpected } from '../routes/versions.js';

const path = '/v1/tenants/{tenantId}/devices/{deviceId}/facts';

const read = operation({
  id: 'readDeviceFacts',
  method: 'GET',
  path,
  tag: 'Devices',
  summary: "Reads what is known of a device's platform, and who said it: OS family, kind of device, TPM.",
  permission: 'device.read',
  answers: { 200: deviceFactsView },
});

const change = operation({
  id: 'changeDeviceFacts',
  method: 'PATCH',
  path,
  tag: 'Devices',
  summary:
    "Says what a device's platform is, before all others' word; null takes that back. Profiles that do not fit fail early.",
  permission: 'profile.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': deviceFactsChange },
  answers: { 200: deviceFactsView },
});

@Controller()
export class DeviceFactsController {
  readonly #databases: Databases;
  readonly #commands: Commands;

  constructor(@Inject(databasesToken) databases: Databases, commands: Commands) {
    this.#databases = databases;
    this.#commands = commands;
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { tenantId, deviceId } = call.params;
    const facts = await this.#databases.readAs(call.caller, (unit) => findDeviceFacts(unit, tenantId!, deviceId!));
    if (facts === null) throw new ProblemError('device.not-found');
    const view = toFactsView(facts);
    return { status: 200, body: view, headers: { etag: view.etag } };
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const seen = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const deviceId = call.params.deviceId!;
    return this.#commands.perform(call, deviceFactsChange, async (unit, body) => {
      const before = await findDeviceFacts(unit, tenantId, deviceId);
      if (before === null) throw new ProblemError('device.not-found');
      if (before.version !== seen) throw new ProblemError('precondition.failed');
      const kept = await keepDeviceFacts(unit, {
        tenantId,
        deviceId,
        seen,
        osFamily: body.osFamily === undefined ? before.said.osFamily : body.osFamily,
        deviceType: body.deviceType === undefined ? before.said.deviceType : body.deviceType,
        tpmVersion: body.tpmVersion === undefined ? before.said.tpmVersion : body.tpmVersion,
      });
      if (kept === null) throw new ProblemError('precondition.failed');
      await requestAssignment(unit.query, tenantId, {
        kind: 'device',
        subject: deviceId,
        requestedBy: call.caller.principal,
        devices: [deviceId],
      });
      const view = toFactsView(kept);
      return {
        answer: { status: 200, body: view, headers: { etag: view.etag } },
        audit: { tenantId, action: 'device.facts-changed', object: `device/${deviceId}`, data: { ...body } },
      };
    });
  }
}

function toFactsView({ osFamily, deviceType, tpmVersion, sources, version }: KnownDeviceFacts): DeviceFactsView {
  return { osFamily, deviceType, tpmVersion, sources, etag: etagOf(version) };
}
