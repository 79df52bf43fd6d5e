import { accept, refuse, type Decision } from './decision.js';
import type { Verdict } from './verdict.js';

/** One row of an order as it was sent: names follow Graph where it has the concept. Source: domain.md 10.1. */
export interface OrderRow {
  manufacturer: string | null;
  model: string | null;
  serialNumber: string | null;
  productKey: string | null;
  /** The hardware hash, base64. */
  hardwareIdentifier: string | null;
  groupTag: string | null;
  purchaseOrderIdentifier: string | null;
}

export const orderRowFields = [
  'manufacturer',
  'model',
  'serialNumber',
  'productKey',
  'hardwareIdentifier',
  'groupTag',
  'purchaseOrderIdentifier',
] as const satisfies readonly (keyof OrderRow)[];

/** The headers under which a CSV may bring each field, folded to lower case. Source: domain.md 1.4, interfaces-security.md 2.1. */
export const orderColumnNames: Record<keyof OrderRow, readonly string[]> = {
  manufacturer: ['manufacturer name', 'manufacturer', 'oem manufacturer name', 'oemmanufacturername'],
  model: ['device model', 'model', 'model name', 'modelname'],
  serialNumber: ['device serial number', 'serial number', 'serialnumber'],
  productKey: ['windows product id', 'product key', 'productkey'],
  hardwareIdentifier: ['hardware hash', 'hardwareidentifier', 'hardwarehash'],
  groupTag: ['group tag', 'grouptag', 'order id'],
  purchaseOrderIdentifier: ['purchase order', 'purchaseorderidentifier', 'purchase order id'],
};

/** Which field a column brings, whatever the case of its name and the blanks around it; null where nobody knows it. */
export function fieldOfColumn(name: string): keyof OrderRow | null {
  const folded = name.trim().toLowerCase();
  return orderRowFields.find((field) => orderColumnNames[field].includes(folded)) ?? null;
}

/** Longest text of a field, in characters. The group tag's 128 is what third-party tools cap it at. Source: domain.md 14. */
export const fieldLimits: Record<Exclude<keyof OrderRow, 'hardwareIdentifier'>, number> = {
  manufacturer: 128,
  model: 128,
  serialNumber: 128,
  productKey: 64,
  groupTag: 128,
  purchaseOrderIdentifier: 128,
};

/** A row that cannot be taken, with the field to look at. */
export interface RowRefusal {
  verdict: Verdict;
  field: keyof OrderRow | null;
  message: string;
}

/** By what a row names its device. */
export type RowIdentity = 'hash' | 'product_key' | 'tuple';

/**
 * Which identity does a row bring? A hash is self-sufficient; product key id and tuple need what the maker uploaded.
 * Source: domain.md 1.3.
 */
export function identityOf(row: OrderRow): Decision<RowIdentity, RowRefusal> {
  for (const field of Object.keys(fieldLimits) as (keyof typeof fieldLimits)[]) {
    const text = row[field];
    if (text === null) continue;
    if (text.length > fieldLimits[field]) {
      return refuse({
        verdict: 'malformed',
        field,
        message: `${field} is longer than ${fieldLimits[field]} characters.`,
      });
    }
    if (hasControlCharacter(text)) {
      return refuse({ verdict: 'malformed', field, message: `${field} holds a control character.` });
    }
  }
  if (row.hardwareIdentifier !== null) return accept('hash');
  if (row.productKey !== null) return accept('product_key');
  if (row.manufacturer !== null && row.model !== null && row.serialNumber !== null) return accept('tuple');
  return refuse({
    verdict: 'identity_missing',
    field: null,
    message: 'The row has no hardware hash, no product key id, and no complete manufacturer, model and serial number.',
  });
}

/** A spare blank is not part of a name; an empty text is no text. */
export function textOrNull(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
