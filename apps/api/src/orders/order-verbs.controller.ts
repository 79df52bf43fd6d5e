import { Controller, Inject } from '@nestjs/common';
import {
  newOrder,
  orderDevicePage,
  orderReturn,
  orderVoid,
  orderVerbQuery,
  pageQuery,
  runView,
  type OrderDeviceView,
} from '@groundcrew/contracts';
import {
  acceptRemoval,
  findOrder,
  listOrderDevices,
  uuidV7,
  type DeviceOrder,
  type OrderDevice,
  type RemovalOfOrder,
  type Unit,
} from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands, type Outcome } from '../idempotency/commands.js';
import { admitPartner } from '../partners/partner-authority.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { keysetOf, pageAnswer } from '../routes/paging.js';
import { acceptedRun } from '../runs/accepted-run.js';
import { OrderSubmission } from './order-submission.js';

const rows = {
  'application/json': newOrder,
  'application/jsonl': 'text',
  'application/x-ndjson': 'text',
  'text/csv': 'text',
} as const;

const append = operation({
  id: 'appendToOrder',
  method: 'POST',
  path: '/v1/partners/{partnerId}/orders/{orderId}/deliveries',
  tag: 'Orders',
  summary: 'Adds a delivery to an order.',
  permission: 'order.submit',
  headers: ['Idempotency-Key', 'Content-Digest'],
  query: orderVerbQuery,
  body: rows,
  answers: { 202: runView },
});

const replace = operation({
  id: 'replaceOrder',
  method: 'POST',
  path: '/v1/partners/{partnerId}/orders/{orderId}/replacements',
  tag: 'Orders',
  summary:
    'Makes an order these rows: adds what is new, keeps what it has, takes away the rest. Asks before it takes away more than a fifth; validateOnly shows it.',
  permission: 'order.submit',
  headers: ['Idempotency-Key', 'Content-Digest'],
  query: orderVerbQuery,
  body: rows,
  answers: { 202: runView },
});

const giveBack = operation({
  id: 'returnFromOrder',
  method: 'POST',
  path: '/v1/partners/{partnerId}/orders/{orderId}/returns',
  tag: 'Orders',
  summary: 'Takes devices of an order back, by their exact ids: their registration goes, and nothing else.',
  permission: 'order.submit',
  headers: ['Idempotency-Key'],
  body: { 'application/json': orderReturn },
  answers: { 202: runView },
});

const voidOrder = operation({
  id: 'voidOrder',
  method: 'POST',
  path: '/v1/partners/{partnerId}/orders/{orderId}/voids',
  tag: 'Orders',
  summary: 'Takes everything back that an order registered and that is still registered.',
  permission: 'order.submit',
  headers: ['Idempotency-Key'],
  body: { 'application/json': orderVoid },
  answers: { 202: runView },
});

const devices = operation({
  id: 'listOrderDevices',
  method: 'GET',
  path: '/v1/partners/{partnerId}/orders/{orderId}/devices',
  tag: 'Orders',
  summary:
    'What is true now: the devices of an order that are registered. What an operation came to stands in the operation.',
  permission: 'order.submit',
  query: z.strictObject(pageQuery),
  answers: { 200: orderDevicePage },
});

const deviceKey = z.tuple([z.guid(), z.number().int()]);

/** What is done to an order after it was made, each in a run of its own. */
@Controller()
export class OrderVerbsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;
  readonly #commands: Commands;
  readonly #submission: OrderSubmission;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
    submission: OrderSubmission,
  ) {
    this.#databases = databases;
    this.#configuration = configuration;
    this.#commands = commands;
    this.#submission = submission;
  }

  @Operation(append)
  async append(call: CallOf<typeof append>): Promise<Answer> {
    return this.#submission.add(call, await this.#order(call), 'registration_order');
  }

  @Operation(replace)
  async replace(call: CallOf<typeof replace>): Promise<Answer> {
    return this.#submission.add(call, await this.#order(call), 'order_replacement');
  }

  @Operation(giveBack)
  giveBack(call: CallOf<typeof giveBack>): Promise<Answer> {
    return this.#commands.perform(call, orderReturn, (unit, { deviceIds }) =>
      this.#remove(unit, call, 'order_return', [...new Set(deviceIds)]),
    );
  }

  @Operation(voidOrder)
  void(call: CallOf<typeof voidOrder>): Promise<Answer> {
    return this.#commands.perform(call, orderVoid, (unit) => this.#remove(unit, call, 'order_void', []));
  }

  @Operation(devices)
  async devices(call: CallOf<typeof devices>): Promise<Answer> {
    const page = keysetOf(call.query, deviceKey);
    const { caller } = call;
    const partnerId = call.params.partnerId!;
    const slice = await this.#databases.inScopeOf(caller, async (unit) => {
      const { id, tenantId } = await orderOf(unit, call);
      await admitPartner(unit, { caller, action: 'read_partner_registrations', partnerId, tenantId });
      return await listOrderDevices(unit, id, page);
    });
    return pageAnswer(call, this.#configuration.publicUrl, slice, toOrderDeviceView, ({ run_id, line }) => [
      run_id,
      line,
    ]);
  }

  #order(call: Call<unknown>): Promise<DeviceOrder> {
    return this.#databases.readAs(call.caller, (unit) => orderOf(unit, call));
  }

  async #remove(unit: Unit, call: Call<unknown>, kind: RemovalOfOrder['kind'], deviceIds: string[]): Promise<Outcome> {
    const { caller } = call;
    const partnerId = call.params.partnerId!;
    const { id: orderId, tenantId } = await orderOf(unit, call);
    await admitPartner(unit, { caller, action: 'remove_registration_only', partnerId, tenantId });
    const run = await acceptRemoval(unit, {
      runId: uuidV7(Date.now()),
      kind,
      tenantId,
      partnerId,
      orderId,
      requestedBy: caller.principal,
      bodyDigest: createHash('sha256').update(JSON.stringify(deviceIds)).digest(),
      deviceIds,
    });
    return {
      answer: acceptedRun(run, call, this.#configuration),
      audit: {
        tenantId,
        action: kind === 'order_void' ? 'order.voided' : 'order.returned',
        object: `order/${orderId}`,
        data: { partnerId, runId: run.id, devices: deviceIds.length },
      },
    };
  }
}

/** @throws ProblemError where the partner has no such order */
async function orderOf(unit: Unit, { params }: Call<unknown>): Promise<DeviceOrder> {
  const order = await findOrder(unit, params.partnerId!, params.orderId!);
  if (order === null) throw new ProblemError('order.not-found');
  return order;
}

function toOrderDeviceView(device: OrderDevice): OrderDeviceView {
  return {
    deviceId: device.id,
    operationId: device.run_id,
    line: device.line,
    serialNumber: device.serial_number,
    manufacturer: device.manufacturer,
    model: device.model,
    productKey: device.product_key,
    groupTag: device.group_tag,
    purchaseOrderIdentifier: device.purchase_order,
    registeredAt: momentOf(device.registered_at),
  };
}
