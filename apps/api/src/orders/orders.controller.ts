import { Controller, Inject } from '@nestjs/common';
import {
  deregistrationPlans,
  orderListQuery,
  orderOrRemoval,
  orderPage,
  orderQuery,
  orderView,
  runView,
  type OrderView,
} from '@groundcrew/contracts';
import { findOrder, listOrders, reconcileOrder, runIdsOfOrders, type DeviceOrder } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { OrderSubmission } from './order-submission.js';

const submit = operation({
  id: 'submitOrder',
  method: 'POST',
  path: '/v1/partners/{partnerId}/orders',
  tag: 'Orders',
  summary:
    'Registers devices for a customer. JSON up to 8 MB; JSON Lines and CSV in any size, one record a line. A JSON order of a maker with a blank tenant plans to take back what it registered.',
  permission: 'order.submit',
  headers: ['Idempotency-Key', 'Content-Digest'],
  query: orderQuery,
  body: {
    'application/json': orderOrRemoval,
    'application/jsonl': 'text',
    'application/x-ndjson': 'text',
    'text/csv': 'text',
  },
  answers: { 201: deregistrationPlans, 202: runView },
});
export type SubmitOrder = CallOf<typeof submit>;

const list = operation({
  id: 'listOrders',
  method: 'GET',
  path: '/v1/partners/{partnerId}/orders',
  tag: 'Orders',
  summary: "Lists a partner's orders, newest first.",
  permission: 'order.read',
  query: orderListQuery,
  answers: { 200: orderPage },
});

const read = operation({
  id: 'readOrder',
  method: 'GET',
  path: '/v1/partners/{partnerId}/orders/{orderId}',
  tag: 'Orders',
  summary: 'Reads an order with the runs that worked on it.',
  permission: 'order.read',
  answers: { 200: orderView },
});

@Controller()
export class OrdersController {
  readonly #databases: Databases;
  readonly #submission: OrderSubmission;
  readonly #publicUrl: string;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    submission: OrderSubmission,
  ) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
    this.#submission = submission;
  }

  @Operation(submit)
  submit(call: CallOf<typeof submit>): Promise<Answer> {
    return this.#submission.submit(call);
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const { slice, runIds } = await this.#databases.readAs(call.caller, async (unit) => {
      const { tenantId, batchId } = call.query;
      const filter = { ...(tenantId !== undefined && { tenantId }), ...(batchId !== undefined && { batchId }) };
      const slice = await listOrders(unit, call.params.partnerId!, filter, page);
      return {
        slice,
        runIds: await runIdsOfOrders(
          unit,
          slice.items.map((order) => order.id),
        ),
      };
    });
    const view = (order: DeviceOrder) => toOrderView(order, runIds.get(order.id) ?? []);
    return pageAnswer(call, this.#publicUrl, slice, view, (order) => order.id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { partnerId, orderId } = call.params;
    return await this.#databases.readAs(call.caller, async (unit) => {
      const order = await findOrder(unit, partnerId!, orderId!);
      if (order === null) throw new ProblemError('order.not-found');
      const runIds = await runIdsOfOrders(unit, [order.id]);
      const reconciliation = await reconcileOrder(unit, order.id);
      return { status: 200, body: { ...toOrderView(order, runIds.get(order.id) ?? []), reconciliation } };
    });
  }
}

function toOrderView(order: DeviceOrder, operations: string[]): OrderView {
  return {
    id: order.id,
    tenantId: order.tenantId,
    partnerId: order.partnerId,
    purchaseOrderIdentifier: order.purchaseOrder ?? null,
    batchId: order.batchId ?? null,
    createdAt: momentOf(order.createdAt),
    operations,
  };
}
