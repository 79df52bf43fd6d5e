import type { FleetDevice, FleetOptions } from './generate-fleet.js';
import { generateFleet } from './generate-fleet.js';
import { Random } from './random.js';

/** A row of an order; what is not said is ''. */
export interface OrderRow {
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly productKey: string;
  readonly hardwareIdentifier: string;
  readonly groupTag: string;
  readonly purchaseOrderIdentifier: string;
}

export const BAD_KINDS = ['no-identity', 'hash-not-base64', 'hash-too-short', 'duplicate'] as const;
export type BadKind = (typeof BAD_KINDS)[number];

export interface OrderOptions extends FleetOptions {
  /** How many of the rows are bad. The order has `devices` rows in all; kinds take turns. Default 0. */
  readonly bad?: number;
  readonly groupTag?: string;
  readonly purchaseOrder?: string;
}

/** Rows of an order with what is wrong with each; null for a good one. */
export function* orderRows(options: OrderOptions): Generator<{ row: OrderRow; bad: BadKind | null }> {
  const { bad = 0, devices, seed, start = 0, groupTag = '', purchaseOrder = '' } = options;
  if (bad < 0 || bad * 2 > devices) throw new RangeError('At most every other row can be bad.');
  const random = new Random(seed, start, 4);
  let lastGood: OrderRow | null = null;
  let position = 0;
  let placed = 0;
  let next = nextBadPosition(placed, bad, devices, random);
  for (const device of generateFleet(options)) {
    const good = toRow(device, groupTag, purchaseOrder);
    if (position === next) {
      const kind = BAD_KINDS[placed % BAD_KINDS.length]!;
      yield { row: spoil(good, kind, lastGood ?? good), bad: kind };
      placed += 1;
      next = nextBadPosition(placed, bad, devices, random);
    } else {
      yield { row: good, bad: null };
      lastGood = good;
    }
    position += 1;
  }
}

/** One bad row per equal stretch of the order, never on its first row: a duplicate needs something before it. */
function nextBadPosition(placed: number, bad: number, devices: number, random: Random): number {
  if (placed >= bad) return -1;
  const from = Math.floor((placed * devices) / bad) + 1;
  const to = Math.floor(((placed + 1) * devices) / bad);
  return from + random.below(Math.max(1, to - from));
}

function spoil(row: OrderRow, kind: BadKind, earlier: OrderRow): OrderRow {
  switch (kind) {
    case 'no-identity':
      return { ...row, manufacturer: '', model: '', serialNumber: '', productKey: '', hardwareIdentifier: '' };
    case 'hash-not-base64':
      return { ...row, hardwareIdentifier: `${row.hardwareIdentifier.slice(0, 100)}#not-base64#` };
    case 'hash-too-short':
      return { ...row, hardwareIdentifier: row.hardwareIdentifier.slice(0, 40) };
    case 'duplicate':
      return { ...earlier };
  }
}

function toRow(device: FleetDevice, groupTag: string, purchaseOrderIdentifier: string): OrderRow {
  return {
    manufacturer: device.manufacturer,
    model: device.model,
    serialNumber: device.serialNumber,
    productKey: device.productKey ?? '',
    hardwareIdentifier: device.hardwareIdentifier,
    groupTag,
    purchaseOrderIdentifier,
  };
}
