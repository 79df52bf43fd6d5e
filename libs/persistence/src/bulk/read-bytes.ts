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
  const pieces: Buffer[] = [];
  for await (const piece of client.query(copyTo(`copy (${query}) to stdout (format binary)`))) {
    pieces.push(piece as Buffer);
  }
  const copied = Buffer.concat(pieces);
  const start = headerBytes + fieldCountBytes + lengthBytes;
  if (copied.length < start || copied.readInt16BE(headerBytes) !== 1) return null;
  const length = copied.readInt32BE(headerBytes + fieldCountBytes);
  return length < 0 ? null : copied.subarray(start, start + length);
}
