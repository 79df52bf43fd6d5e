/** The order of a tenant's pages: 1 is asked first. The default one is not in it, because it is always last. Source: domain.md 6.2. */
export type EspOrder = readonly string[];

/**
 * Moves a page to a place; the others close up. A place past the end is the end.
 *
 * @param priority its new place, from 1
 */
export function moveTo(order: EspOrder, id: string, priority: number): string[] {
  const others = order.filter((each) => each !== id);
  others.splice(Math.max(0, priority - 1), 0, id);
  return others;
}

/** Whether this is the same pages in another order. */
export function isReordering(order: EspOrder, wished: EspOrder): boolean {
  return (
    wished.length === order.length && new Set(wished).size === wished.length && wished.every((id) => order.includes(id))
  );
}
