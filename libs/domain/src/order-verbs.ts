/** Kinds of run that take registrations of an order away. They begin where others are only when they are cancelled. */
export const removingKinds = ['order_void', 'order_return'] as const;

/** A replacement that would take more than this share of the order's devices away asks first. */
export const replacementShareLimit = 0.2;

/** The problem of a replacement that asks. */
export const replacementAsks = 'order.replacement-asks';

/** What a replacement would do to the devices that the order has now. */
export interface ReplacementPreview {
  /** Devices of the order that the new rows do not name. */
  removes: number;
  /** Devices that the order had before. */
  of: number;
}

/** May a replacement go on, or has a person to look at what it would take away? */
export function guardReplacement({ removes, of }: ReplacementPreview, confirmed: boolean): 'go' | 'ask' {
  return confirmed || removes <= of * replacementShareLimit ? 'go' : 'ask';
}
