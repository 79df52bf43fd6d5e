import { Controller, Inject } from '@nestjs/common';
import { devicePage, deviceQuery, deviceView, type DeviceQuery } from '@groundcrew/contracts';
import { findDevice, listDevices, type DeviceFilter } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { isKnown } from '../routes/versions.js';
import { toDeviceView } from './device.view.js';

const list = operation({
  id: 'listDevices',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/devices',
  tag: 'Devices',
  summary: "Lists a tenant's registered devices; filters compare whole values.",
  permission: 'device.read',
  query: deviceQuery,
  answers: { 200: devicePage },
});

const read = operation({
  id: 'readDevice',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/devices/{deviceId}',
  tag: 'Devices',
  summary: 'Reads a device with what each subsystem was observed to hold.',
  permission: 'device.read',
  headers: ['If-None-Match'],
  answers: { 200: deviceView, 304: 'nothing' },
});

@Controller()
export class DevicesController {
  readonly #databases: Databases;
  readonly #publicUrl: string;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const tenantId = call.params.tenantId!;
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listDevices(unit, tenantId, filterOf(call.query), page),
    );
    return pageAnswer(call, this.#publicUrl, slice, toDeviceView, ({ device }) => device.id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { tenantId, deviceId } = call.params;
    const found = await this.#databases.readAs(call.caller, (unit) => findDevice(unit, tenantId!, deviceId!));
    if (found === null) throw new ProblemError('device.not-found');
    const view = toDeviceView(found);
    const headers = { etag: view.etag, 'cache-control': 'private, no-cache' };
    if (isKnown(call.request, view.etag)) return { status: 304, headers };
    return { status: 200, body: view, headers };
  }
}

function filterOf(query: DeviceQuery): DeviceFilter {
  const { serialNumber, groupTag, purchaseOrderIdentifier, manufacturer, model } = query;
  return {
    ...(serialNumber !== undefined && { serialNumber }),
    ...(groupTag !== undefined && { groupTag }),
    ...(purchaseOrderIdentifier !== undefined && { purchaseOrder: purchaseOrderIdentifier }),
    ...(manufacturer !== undefined && { manufacturer }),
    ...(model !== undefined && { model }),
  };
}
