import { Controller, Inject } from '@nestjs/common';
import {
  partnerRegistrationPage,
  partnerRegistrationQuery,
  type PartnerRegistrationQuery,
  type PartnerRegistrationView,
} from '@groundcrew/contracts';
import { listPartnerRegistrations, type Device, type PartnerRegistrationFilter } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { admitPartner } from './partner-authority.js';

const list = operation({
  id: 'listPartnerRegistrations',
  method: 'GET',
  path: '/v1/partners/{partnerId}/registrations',
  tag: 'Partners',
  summary:
    'What any partner registered for a customer that authorised this one. What the customer registered itself is not shown.',
  permission: 'registration.read',
  query: partnerRegistrationQuery,
  answers: { 200: partnerRegistrationPage },
});

/** What a partner sees of its customers' devices. */
@Controller()
export class PartnerRegistrationsController {
  readonly #databases: Databases;
  readonly #publicUrl: string;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const { caller, query } = call;
    const { tenantId } = query;
    const partnerId = call.params.partnerId!;
    if (tenantId === undefined) {
      throw new ProblemError('parameter.invalid', {
        errors: [{ pointer: 'tenantId', code: 'required', message: 'The devices of which customer?' }],
      });
    }
    const page = keysetOf(query, idKey);
    const slice = await this.#databases.inScopeOf(caller, async (unit) => {
      await admitPartner(unit, { caller, action: 'read_partner_registrations', partnerId, tenantId });
      return await listPartnerRegistrations(unit, tenantId, filterOf(query), page);
    });
    const view = (device: Device) => toPartnerRegistrationView(device, partnerId);
    return pageAnswer(call, this.#publicUrl, slice, view, (device) => device.id);
  }
}

function filterOf({
  serialNumber,
  groupTag,
  purchaseOrderIdentifier,
}: PartnerRegistrationQuery): PartnerRegistrationFilter {
  return {
    ...(serialNumber !== undefined && { serialNumber }),
    ...(groupTag !== undefined && { groupTag }),
    ...(purchaseOrderIdentifier !== undefined && { purchaseOrder: purchaseOrderIdentifier }),
  };
}

function toPartnerRegistrationView(device: Device, partnerId: string): PartnerRegistrationView {
  return {
    deviceId: device.id,
    tenantId: device.tenantId,
    serialNumber: device.serialNumber ?? null,
    manufacturer: device.manufacturer ?? null,
    model: device.model ?? null,
    productKey: device.productKey ?? null,
    groupTag: device.groupTag ?? null,
    purchaseOrderIdentifier: device.purchaseOrder ?? null,
    registeredAt: momentOf(device.registeredAt),
    registeredBy: device.registrarId === partnerId ? 'you' : 'another_partner',
  };
}
