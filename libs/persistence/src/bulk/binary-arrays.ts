import { writeUuid } from '../identifiers/uuid-v7.js';

/**
 * Arrays in PostgreSQL's binary format, for parameters of set-based statements. As text a thousand ids are written, escaped and parsed
 * element by element on both sides; so they are copied. The statement's cast (`$1::uuid[]`) says what the server reads.
 */
const oids = { int8: 20, int2: 21, int4: 23, uuid: 2950 } as const;

const headerBytes = 20;

export function uuidArray(values: readonly string[]): Buffer {
  const array = fixedArray(oids.uuid, values.length, 16);
  for (const [index, value] of values.entries()) writeUuid(value, array, headerBytes + index * 20 + 4);
  return array;
}

export function int8Array(values: ArrayLike<bigint>): Buffer {
  const array = fixedArray(oids.int8, values.length, 8);
  // A view writes 64 bits at once; a buffer takes a number apart, and every piece is a number of its own.
  const view = new DataView(array.buffer, array.byteOffset, array.length);
  for (let index = 0; index < values.length; index += 1) {
    view.setBigInt64(headerBytes + index * 12 + 4, values[index]!);
  }
  return array;
}

export function int4Array(values: ArrayLike<number>): Buffer {
  const array = fixedArray(oids.int4, values.length, 4);
  for (let index = 0; index < values.length; index += 1) {
    array.writeInt32BE(values[index]!, headerBytes + index * 8 + 4);
  }
  return array;
}

export function int2Array(values: ArrayLike<number>): Buffer {
  const array = fixedArray(oids.int2, values.length, 2);
  for (let index = 0; index < values.length; index += 1) {
    array.writeInt16BE(values[index]!, headerBytes + index * 6 + 4);
  }
  return array;
}

function fixedArray(oid: number, length: number, elementBytes: number): Buffer {
  const array = Buffer.allocUnsafe(length === 0 ? 12 : headerBytes + length * (4 + elementBytes));
  writeHeader(array, oid, length);
  for (let at = headerBytes; at < array.length; at += 4 + elementBytes) array.writeInt32BE(elementBytes, at);
  return array;
}

/** One dimension from 1; an empty array has none. */
function writeHeader(array: Buffer, oid: number, length: number): void {
  array.writeInt32BE(length === 0 ? 0 : 1, 0);
  // No element is null.
  array.writeInt32BE(0, 4);
  array.writeInt32BE(oid, 8);
  if (length === 0) return;
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16);
}
