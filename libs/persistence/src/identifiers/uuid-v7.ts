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

const digitCodes = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Where each byte's two digits begin. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const spelled = Buffer.alloc(36, '-');

/** Spells 16 bytes as a UUID; of more it takes the first ones. */
export function formatUuid(bytes: Uint8Array): string {
  for (let index = 0; index < 16; index += 1) {
    const byte = bytes[index]!;
    const place = places[index]!;
    spelled[place] = digitCodes[byte >> 4]!;
    spelled[place + 1] = digitCodes[byte & 15]!;
  }
  return spelled.toString('latin1');
}

const digits = new Int8Array(128).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  digits[digit.charCodeAt(0)] = value;
  digits[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The same into bytes that are there already. A thousand ids are written so without a thousand buffers. */
export function writeUuid(text: string, target: Uint8Array, at: number): void {
  if (text.length !== 36) throw new RangeError(`not a UUID: ${text}`);
  let wrong = 0;
  for (let index = 0; index < 16; index += 1) {
    const place = places[index]!;
    const high = digits[text.charCodeAt(place)] ?? -1;
    const low = digits[text.charCodeAt(place + 1)] ?? -1;
    wrong |= high | low;
    target[at + index] = (high << 4) | low;
  }
  if (wrong < 0) throw new RangeError(`not a UUID: ${text}`);
}
