export type { Mix } from './catalogue.js';
export { generateFleet } from './generate-fleet.js';
export type { FleetDevice, FleetOptions } from './generate-fleet.js';
export { nodeDigests } from './node-digests.js';
export { BAD_KINDS, orderRows } from './order-rows.js';
export type { BadKind, OrderOptions, OrderRow } from './order-rows.js';
export { Random } from './random.js';
export { CSV_HEADER, ORDER_FORMATS, writeOrder } from './write-order.js';
export type { OrderFormat, OrderSummary } from './write-order.js';
