/** A page begins after the last item of the one before; nothing is counted or skipped over. */
export interface Keyset<Key> {
  after: Key | null;
  limit: number;
}

/** Items of a page, and whether there are more. */
export interface Slice<Item> {
  items: Item[];
  more: boolean;
}

/** Readers ask for one item more than the page holds: that one says whether there is a next page. */
export function sliceOf<Item>(found: Item[], limit: number): Slice<Item> {
  return { items: found.slice(0, limit), more: found.length > limit };
}
