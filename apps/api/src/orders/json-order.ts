import { newOrder, orderWithoutTenant, type OrderWithoutTenant } from '@groundcrew/contracts';
import type { OsFamily } from '@groundcrew/domain';
import type { RunDefaults } from '@groundcrew/persistence';
import { parseJson, shaped } from '../idempotency/json-body.js';
import type { ArrivingBody } from '../idempotency/request-body.js';

/** An order that came as one JSON document. */
export interface JsonOrder {
  tenantId: string;
  defaults: RunDefaults;
  validateOnly: boolean;
  batchId?: string;
  /** Its devices, one line each: from here on it is like any other order, and a device's line is its place in the list. */
  lines(): Iterable<Buffer>;
}

/** Reads the envelope strictly and the devices not at all: what is wrong with one of them is the verdict on its row. */
export async function readJsonOrder(body: ArrivingBody): Promise<JsonOrder> {
  return toJsonOrder(parseJson(await body.whole()));
}

/** The same of an order that may name no tenant: then every device has to be named, before anything is planned. */
export async function readJsonOrderOrRemoval(body: ArrivingBody): Promise<JsonOrder | { removal: OrderWithoutTenant }> {
  const sent = parseJson(await body.whole());
  const isBlank = (sent as { tenantId?: unknown } | null)?.tenantId === '';
  return isBlank ? { removal: shaped(orderWithoutTenant, sent) } : toJsonOrder(sent);
}

function toJsonOrder(sent: unknown): JsonOrder {
  const order = shaped(newOrder, sent);
  return {
    tenantId: order.tenantId,
    defaults: defaultsOf(order),
    validateOnly: order.validateOnly ?? false,
    ...(order.batchId !== undefined && { batchId: order.batchId }),
    *lines() {
      // A missing device is a row too: JSON has no word for it, so it comes as null.
      for (const device of order.devices) yield Buffer.from(`${JSON.stringify(device ?? null)}\n`);
    },
  };
}

/** What rows get that do not say it themselves. */
export function defaultsOf(given: {
  purchaseOrderIdentifier?: string | undefined;
  groupTag?: string | undefined;
  osFamily?: OsFamily | undefined;
}): RunDefaults {
  return {
    ...(given.purchaseOrderIdentifier !== undefined && { purchaseOrderIdentifier: given.purchaseOrderIdentifier }),
    ...(given.groupTag !== undefined && { groupTag: given.groupTag }),
    ...(given.osFamily !== undefined && { osFamily: given.osFamily }),
  };
}
