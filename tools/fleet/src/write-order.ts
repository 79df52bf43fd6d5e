import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { BadKind, OrderOptions, OrderRow } from './order-rows.js';
import { orderRows } from './order-rows.js';

export const ORDER_FORMATS = ['jsonl', 'csv', 'json'] as const;
export type OrderFormat = (typeof ORDER_FORMATS)[number];

/** What was written, so that a test can compare it with the verdicts it gets back. */
export interface OrderSummary {
  readonly rows: number;
  readonly good: number;
  readonly bad: Readonly<Record<BadKind, number>>;
}

export const CSV_HEADER =
  'Manufacturer name,Device model,Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Purchase Order';

/**
 * Writes an order, waiting for the stream whenever it asks for it; memory does not grow with the order. The stream is left
 * open. Fails as the stream fails.
 */
export async function writeOrder(
  options: OrderOptions & { readonly format: OrderFormat },
  out: Writable,
): Promise<OrderSummary> {
  const bad: Record<BadKind, number> = { 'no-identity': 0, 'hash-not-base64': 0, 'hash-too-short': 0, duplicate: 0 };
  let rows = 0;
  let good = 0;
  let pending = opening(options);
  for (const { row, bad: kind } of orderRows(options)) {
    pending += line(row, options.format, rows === 0);
    rows += 1;
    if (kind === null) good += 1;
    else bad[kind] += 1;
    if (pending.length < 65_536) continue;
    if (!out.write(pending)) await once(out, 'drain');
    pending = '';
  }
  if (!out.write(pending + (options.format === 'json' ? '\n]}\n' : ''))) await once(out, 'drain');
  return { rows, good, bad };
}

function opening({
  format,
  purchaseOrder = '',
  groupTag = '',
}: OrderOptions & { readonly format: OrderFormat }): string {
  if (format === 'csv') return `${CSV_HEADER}\n`;
  if (format === 'jsonl') return '';
  const head = {
    ...(purchaseOrder === '' ? {} : { purchaseOrderIdentifier: purchaseOrder }),
    ...(groupTag === '' ? {} : { groupTag }),
  };
  const inner = JSON.stringify(head).slice(1, -1);
  return `{${inner}${inner === '' ? '' : ','}"devices":[`;
}

function line(row: OrderRow, format: OrderFormat, first: boolean): string {
  if (format === 'csv') {
    const { manufacturer, model, serialNumber, productKey, hardwareIdentifier, groupTag, purchaseOrderIdentifier } =
      row;
    const cells = [
      manufacturer,
      model,
      serialNumber,
      productKey,
      hardwareIdentifier,
      groupTag,
      purchaseOrderIdentifier,
    ];
    return `${cells.map(csvCell).join(',')}\n`;
  }
  const said = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));
  return format === 'jsonl' ? `${JSON.stringify(said)}\n` : `${first ? '' : ','}\n${JSON.stringify(said)}`;
}

function csvCell(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
