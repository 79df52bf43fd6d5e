import type { OrderRow } from '@groundcrew/domain';
import type { Digests } from '@groundcrew/matching';
import { formatUuid } from '@groundcrew/persistence/without-database';

/** A row that names its device by what a maker has uploaded. */
export interface NamedRow {
  line: number;
  row: OrderRow;
}

/** What a row's names came to: the hash on file, or why there is none to go by. */
export type Resolution =
  | { line: number; row: OrderRow; hash: Uint8Array }
  | { line: number; refusal: { verdict: 'not_on_file' | 'not_unique'; code: string; message: string } };

/** The keyed digest under which a name is found on file; null where there is none. */
export function digestOfName(name: string | null, { digests }: { digests: Digests }): string | null {
  return name === null ? null : formatUuid(digests.hmacSha256(name));
}
