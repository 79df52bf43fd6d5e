import { randomFillSync } from 'node:crypto';

const random = Buffer.alloc(16 * 256);
let used = random.length;

/**
 * A time-ordered UUID (RFC 9562, version 7): rows that come in together lie together in an index.
 *
 * @param nowMs milliseconds since 1970
 * @returns 16 bytes; a view that belongs to the caller
 */
export function uuidV7Bytes(nowMs: number): Buffer {
  if (used >= random.length) {
    randomFillSync(random);
    used = 0;
  }
  const bytes = Buffer.from(random.subarray(used, used + 16));
  used += 16;
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes;
}

/** The same in its usual spelling. */
export function uuidV7(nowMs: number): string {
  return formatUuid(uuidV7Bytes(nowMs));
}

/** Spells 16 bytes as a UUID. */
export function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Reads a UUID's 16 bytes. */
export function parseUuid(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}
