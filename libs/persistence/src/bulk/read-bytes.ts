import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

const headerBytes = 19;
const fieldCountBytes = 2;
const lengthBytes = 4;

/**
 * Reads one value of bytes as it is. The driver asks for results as text only, which doubles bytes to hexadecimal digits and has both
 * sides write and read them: megabytes of an order's part are read by COPY instead.
 *
 * @param query selects one column of type bytea; a statement without parameters, so whatever it names has to be escaped
 * @returns null where there is no such row
 */
export async function readBytes(client: pg.PoolClient, query: string): Promise<Buffer | null> {
  let head = Buffer.alloc(0);
  let value: Buffer | null = null;
  let filled = 0;
  for await (const piece of client.query(
    copyTo(`copy (${query}) to stdout (format binary)`),
  ) as AsyncIterable<Buffer>) {
    let rest = piece;
    if (value === null) {
      head = Buffer.concat([head, piece]);
      const length = lengthOfValue(head);
      if (length === null) continue;
      // Its length comes first, so the pieces need not be held until the last one is there.
      value = Buffer.allocUnsafe(length);
      rest = head.subarray(valueAt);
    }
    filled += rest.copy(value, filled);
  }
  // What a buffer held before is never taken for bytes that did not come.
  if (value !== null && filled !== value.length) throw new Error(`of ${value.length} bytes ${filled} came`);
  return value;
}

const valueAt = headerBytes + fieldCountBytes + lengthBytes;

/** Null while that is not known, and where there is no row or no value. */
function lengthOfValue(head: Buffer): number | null {
  if (head.length < valueAt || head.readInt16BE(headerBytes) !== 1) return null;
  const length = head.readInt32BE(headerBytes + fieldCountBytes);
  return length < 0 ? null : length;
}
