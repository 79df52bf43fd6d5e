import { z } from 'zod';

/** How many items a page has unless asked otherwise, and at most. */
export const pageSizes = { usual: 100, most: 1000 } as const;

/** What every list takes beside its filters. */
export const pageQuery = {
  maxpagesize: z.coerce.number().int().min(1).max(pageSizes.most).optional(),
  continuation: z.string().min(1).max(400).optional().meta({ description: 'Part of nextLink; opaque.' }),
};

/** A page of a list. The link is absent on the last page. Source: interfaces-security.md 2.1. */
export function pageOf<Item extends z.ZodType>(id: string, item: Item) {
  return z.strictObject({ value: z.array(item), nextLink: z.url().optional() }).meta({ id });
}

/** What a page looks like, whatever is on it. */
export interface Page<Item> {
  value: Item[];
  nextLink?: string;
}
