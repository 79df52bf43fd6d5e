/** Which part of a listing: what comes after this id. */
export interface PageRequest {
  /** The `next` of the page before; absent for the first. */
  after?: string;
  limit: number;
}

/** A part of a listing. */
export interface Page<Item> {
  items: Item[];
  /** For the next request; null at the end. */
  next: string | null;
}

/** Cuts a page out of up to one row more than it may hold. */
export function toPage<Item>(rows: Item[], limit: number, idOf: (item: Item) => string): Page<Item> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? idOf(items.at(-1)!) : null };
}
