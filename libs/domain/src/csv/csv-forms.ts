import type { OrderRow } from '../order-row.js';

type Field = keyof OrderRow;

/**
 * The forms in which people have such files, by the order of their columns. They tell what was changed about a header; a file in no
 * form at all is read as well. Source: domain.md 1.3, 1.4.
 */
export const csvForms = {
  /** Device Serial Number, Windows Product ID, Hardware Hash, Group Tag, Assigned User. */
  intune: ['serialNumber', 'productKey', 'hardwareIdentifier', 'groupTag', 'assignedUserPrincipalName'],
  /** The capture tool's own, and that of the Microsoft 365 admin center. */
  threeColumns: ['serialNumber', 'productKey', 'hardwareIdentifier'],
  /** The capture tool's partner switch; what Partner Center takes. */
  partnerCenter: ['serialNumber', 'productKey', 'hardwareIdentifier', 'manufacturer', 'model'],
  managedDesktop: ['manufacturer', 'model', 'serialNumber', 'hardwareIdentifier'],
  /** Partner Center's order where a file names devices by their maker's words. */
  tuple: ['manufacturer', 'serialNumber', 'model'],
  /** Our own, as a JSON row names its fields. */
  rows: [
    'manufacturer',
    'model',
    'serialNumber',
    'productKey',
    'hardwareIdentifier',
    'groupTag',
    'purchaseOrderIdentifier',
    'assignedUserPrincipalName',
    'displayName',
  ],
} as const satisfies Record<string, readonly Field[]>;

/** Whether columns stand in the order of a form that has them all; columns that are missing do not change an order. */
export function isUsualOrder(columns: readonly Field[]): boolean {
  return Object.values(csvForms).some((form: readonly Field[]) => {
    const places = columns.map((column) => form.indexOf(column));
    return places.every((place, index) => place !== -1 && place > (places[index - 1] ?? -1));
  });
}
