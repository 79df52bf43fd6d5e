import { writeText } from '../bytes/text.js';
import type { Cbor } from './cbor.js';
import { CborMap } from './cbor.js';

/** Writes a value as deterministic CBOR. Throws RangeError for a number that is not a safe integer. */
export function writeCbor(value: Cbor): Uint8Array {
  const bytes: number[] = [];
  append(bytes, value);
  return Uint8Array.from(bytes);
}

function append(bytes: number[], value: Cbor): void {
  if (value === null) bytes.push(0xf6);
  else if (typeof value === 'boolean') bytes.push(value ? 0xf5 : 0xf4);
  else if (typeof value === 'number') appendHead(bytes, value < 0 ? 1 : 0, value < 0 ? -1 - value : value);
  else if (typeof value === 'string') appendRun(bytes, 3, writeText(value));
  else if (value instanceof Uint8Array) appendRun(bytes, 2, value);
  else if (value instanceof CborMap) appendMap(bytes, value);
  else {
    appendHead(bytes, 4, value.length);
    for (const item of value) append(bytes, item);
  }
}

function appendMap(bytes: number[], map: CborMap): void {
  const sorted = [...map.entries].sort(([left], [right]) => left - right);
  appendHead(bytes, 5, sorted.length);
  for (const [key, value] of sorted) {
    appendHead(bytes, 0, key);
    append(bytes, value);
  }
}

function appendRun(bytes: number[], major: number, run: Uint8Array): void {
  appendHead(bytes, major, run.length);
  for (const byte of run) bytes.push(byte);
}

function appendHead(bytes: number[], major: number, argument: number): void {
  if (!Number.isSafeInteger(argument) || argument < 0) throw new RangeError('Only safe integers can be written.');
  const width = argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x100000000 ? 4 : 8;
  bytes.push((major << 5) | (width === 0 ? argument : 24 + Math.log2(width)));
  for (let at = width - 1; at >= 0; at -= 1) bytes.push(Math.floor(argument / 256 ** at) % 256);
}
