/** What a registration writes into its directory object. */
export interface PhysicalIdSource {
  registrationId: string;
  groupTag: string | null;
  purchaseOrder: string | null;
}

/**
 * The physicalIds of a pre-created directory object, in a fixed order. Source: domain.md 4.
 *
 * @example ['[ZTDID]:0b1f…', '[OrderId]:Kiosk', '[PurchaseOrderId]:PO-1001']
 */
export function physicalIdsOf(source: PhysicalIdSource): string[] {
  const ids = [`[ZTDID]:${source.registrationId}`];
  if (source.groupTag !== null) ids.push(`[OrderId]:${source.groupTag}`);
  if (source.purchaseOrder !== null) ids.push(`[PurchaseOrderId]:${source.purchaseOrder}`);
  return ids;
}
