import { pageSizes, type Page } from '@groundcrew/contracts';
import type { Keyset, Slice } from '@groundcrew/persistence';
import { z } from 'zod';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from './operation.js';

export interface PageQuery {
  maxpagesize?: number | undefined;
  continuation?: string | undefined;
}

/** Keys that a list goes on after. */
export const idKey = z.guid();
export const numberKey = z.number().int();

/** Which page is asked for. A link that we did not make is a wrong parameter. */
export function keysetOf<Key>(query: PageQuery, key: z.ZodType<Key>): Keyset<Key> {
  const limit = query.maxpagesize ?? pageSizes.usual;
  if (query.continuation === undefined) return { after: null, limit };
  try {
    const after = key.parse(JSON.parse(Buffer.from(query.continuation, 'base64url').toString('utf8')));
    return { after, limit };
  } catch {
    throw new ProblemError('parameter.invalid', {
      errors: [{ pointer: 'continuation', code: 'opaque', message: 'Take it from nextLink as it is.' }],
    });
  }
}

/** A page, with the link to the next one where there is one. */
export function pageAnswer<Item, View, Key>(
  call: Call<PageQuery>,
  publicUrl: string,
  slice: Slice<Item>,
  view: (item: Item) => View,
  keyOf: (item: Item) => Key,
): Answer {
  const page: Page<View> = { value: slice.items.map(view) };
  const last = slice.items.at(-1);
  if (!slice.more || last === undefined) return { status: 200, body: page };
  const link = new URL(publicUrl + call.request.url.split('?', 1)[0]!);
  for (const [name, value] of Object.entries(call.query)) {
    if (value !== undefined && name !== 'continuation') link.searchParams.set(name, String(value));
  }
  link.searchParams.set('continuation', Buffer.from(JSON.stringify(keyOf(last))).toString('base64url'));
  page.nextLink = link.href;
  return { status: 200, body: page, headers: { link: `<${link.href}>; rel="next"` } };
}
