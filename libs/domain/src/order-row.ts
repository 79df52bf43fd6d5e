import { accept, refuse, type Decision } from './decision.js';
import { displayNameFault, principalNameLength, userFault } from './designation.js';
import { computerNameLength } from './profile/name-template.js';
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
  /** For whom the device is meant: a user principal name. */
  assignedUserPrincipalName: string | null;
  /** What the computer is to be called. */
  displayName: string | null;
}

export const orderRowFields = [
  'manufacturer',
  'model',
  'serialNumber',
  'productKey',
  'hardwareIdentifier',
  'groupTag',
  'purchaseOrderIdentifier',
  'assignedUserPrincipalName',
  'displayName',
] as const satisfies readonly (keyof OrderRow)[];

/** How the columns of each field are called in the forms that people have; the first is the usual one. Source: domain.md 1.4. */
export const columnLabels: Record<keyof OrderRow, readonly string[]> = {
  manufacturer: ['Manufacturer name', 'Manufacturer', 'OEM manufacturer name', 'manufacturer', 'oemManufacturerName'],
  model: ['Device model', 'Model', 'Model name', 'model', 'modelName'],
  serialNumber: ['Device Serial Number', 'Serial Number', 'serialNumber'],
  productKey: ['Windows Product ID', 'Product key', 'productKey'],
  hardwareIdentifier: ['Hardware Hash', 'hardwareIdentifier', 'hardwareHash'],
  groupTag: ['Group Tag', 'groupTag', 'Order ID'],
  purchaseOrderIdentifier: ['Purchase Order', 'purchaseOrderIdentifier', 'Purchase order ID'],
  assignedUserPrincipalName: ['Assigned User', 'assignedUserPrincipalName', 'assignedUser'],
  displayName: ['Display Name', 'displayName'],
};

/** How Partner Center's API calls the fields that it names otherwise. Source: domain.md 11. */
export const partnerCenterNames: Partial<Record<keyof OrderRow, string>> = {
  manufacturer: 'oemManufacturerName',
  model: 'modelName',
  hardwareIdentifier: 'hardwareHash',
};

const fieldsByName = new Map(
  orderRowFields.flatMap((field) =>
    columnLabels[field].map((label): [string, keyof OrderRow] => [folded(label), field]),
  ),
);

/** Which field a column brings, whatever its name's case, blanks and punctuation; null where nobody knows it. */
export function fieldOfColumn(name: string): keyof OrderRow | null {
  return fieldsByName.get(folded(name)) ?? null;
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Longest text of a field, in characters. The group tag's 128 is what third-party tools cap it at. Source: domain.md 14. */
export const fieldLimits: Record<Exclude<keyof OrderRow, 'hardwareIdentifier'>, number> = {
  manufacturer: 128,
  model: 128,
  serialNumber: 128,
  productKey: 64,
  groupTag: 128,
  purchaseOrderIdentifier: 128,
  assignedUserPrincipalName: principalNameLength,
  displayName: computerNameLength,
};

/** A row that cannot be taken, with the field to look at. */
export interface RowRefusal {
  verdict: Verdict;
  field: keyof OrderRow | null;
  /** What exactly, where the verdict does not say it. */
  code?: string;
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
  const fault = designationFault(row);
  if (fault !== null) return refuse(fault);
  if (row.hardwareIdentifier !== null) return accept('hash');
  if (row.productKey !== null) return accept('product_key');
  if (row.manufacturer !== null && row.model !== null && row.serialNumber !== null) return accept('tuple');
  return refuse({
    verdict: 'identity_missing',
    field: null,
    message: 'The row has no hardware hash, no product key id, and no complete manufacturer, model and serial number.',
  });
}

function designationFault({ assignedUserPrincipalName: user, displayName: name }: OrderRow): RowRefusal | null {
  const ofUser = user === null ? null : userFault(user);
  if (ofUser !== null) return { verdict: 'malformed', field: 'assignedUserPrincipalName', ...ofUser };
  const ofName = name === null ? null : displayNameFault(name);
  return ofName === null ? null : { verdict: 'malformed', field: 'displayName', ...ofName };
}

/**
 * Which identity does a row bring that its owner sends? Owners register by hash alone: product key ids and tuples are for makers and
 * partners. Source: domain.md 1.2.
 */
export function ownersIdentityOf(row: OrderRow): Decision<'hash', RowRefusal> {
  const identity = identityOf(row);
  if (identity.ok && identity.value === 'hash') return accept('hash');
  if (!identity.ok && identity.refusal.verdict !== 'identity_missing') return identity;
  return refuse({
    verdict: 'hash_invalid',
    field: 'hardwareIdentifier',
    code: 'hash.missing',
    message: 'The row has no hardware hash, and that is what an administrator registers by.',
  });
}

/** The identity of a row in a case for Surface devices: its serial number, which the maker's file completes. Source: domain.md 1.2. */
export function surfaceIdentityOf(row: OrderRow): Decision<'tuple', RowRefusal> {
  if (row.serialNumber !== null) return accept('tuple');
  return refuse({ verdict: 'identity_missing', field: 'serialNumber', message: 'The row has no serial number.' });
}

/** A row that says nothing yet. */
export function emptyRow(): OrderRow {
  return {
    manufacturer: null,
    model: null,
    serialNumber: null,
    productKey: null,
    hardwareIdentifier: null,
    groupTag: null,
    purchaseOrderIdentifier: null,
    assignedUserPrincipalName: null,
    displayName: null,
  };
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
