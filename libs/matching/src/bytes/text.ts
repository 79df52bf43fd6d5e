const REPLACEMENT = '\uFFFD';

/** Text in the bytes up to the first NUL, as UTF-8; a byte that fits nowhere becomes U+FFFD. Never throws. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  const stop = plainEnd(bytes, start, end);
  if (stop < end && bytes[stop]! >= 0x80) return readUtf8(bytes, start, end);
  let text = '';
  for (let at = start; at < stop; at += 1) text += String.fromCharCode(bytes[at]!);
  return text;
}

const decoder = new TextDecoder();
const sevenBits = new Uint8Array(8_192);

/**
 * One character per byte, of which only those of ASCII bytes mean anything: one text for a whole hash, from which `sliceText`
 * cuts. The eighth bit is dropped first, because decoders are fast on ASCII and slow on one key in the middle of it.
 */
export function readLatin(bytes: Uint8Array, end: number): string {
  if (end > sevenBits.length) throw new RangeError('No hash is longer than 8 KiB.');
  for (let at = 0; at < end; at += 1) sevenBits[at] = bytes[at]! & 0x7f;
  return decoder.decode(sevenBits.subarray(0, end));
}

/** What `readText` gives, cut out of `latin`, the text that `readLatin` made of the same bytes from their beginning. */
export function sliceText(latin: string, bytes: Uint8Array, start: number, end: number): string {
  const stop = plainEnd(bytes, start, end);
  return stop < end && bytes[stop]! >= 0x80 ? readUtf8(bytes, start, end) : latin.slice(start, stop);
}

/** Index of the first byte that is NUL or not ASCII; `end` when there is none. */
function plainEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! !== 0 && bytes[at]! < 0x80) at += 1;
  return at;
}

/** UTF-16 little-endian text up to the first NUL. An odd last byte is ignored. */
export function readUtf16(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at + 1 < end; at += 2) {
    const unit = bytes[at]! | (bytes[at + 1]! << 8);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** UTF-8 bytes of the text; half a surrogate pair becomes U+FFFD. */
export function writeText(text: string): Uint8Array {
  const plain = new Uint8Array(text.length);
  return writeAscii(text, plain) ? plain : writeUtf8(text);
}

/** The same into bytes that are there already. @returns false where the text is longer, or not ASCII: then nothing is to be read there */
export function writeAscii(text: string, target: Uint8Array): boolean {
  if (text.length > target.length) return false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) return false;
    target[at] = unit;
  }
  return true;
}

function writeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let used = 0;
  for (const character of text) {
    let point = character.codePointAt(0)!;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) {
      bytes[used++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[used++] = 0xc0 | (point >> 6);
    } else {
      if (point < 0x10000) {
        bytes[used++] = 0xe0 | (point >> 12);
      } else {
        bytes[used++] = 0xf0 | (point >> 18);
        bytes[used++] = 0x80 | ((point >> 12) & 63);
      }
      bytes[used++] = 0x80 | ((point >> 6) & 63);
    }
    bytes[used++] = 0x80 | (point & 63);
  }
  return bytes.subarray(0, used);
}

function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  while (at < end && bytes[at] !== 0) {
    const lead = bytes[at]!;
    const extra =
      lead < 0x80
        ? 0
        : lead >= 0xc2 && lead < 0xe0
          ? 1
          : lead >= 0xe0 && lead < 0xf0
            ? 2
            : lead >= 0xf0 && lead < 0xf5
              ? 3
              : -1;
    const point = extra < 0 ? -1 : readPoint(bytes, at, end, lead, extra);
    text += point < 0 ? REPLACEMENT : String.fromCodePoint(point);
    at += point < 0 ? 1 : extra + 1;
  }
  return text;
}

function readPoint(bytes: Uint8Array, at: number, end: number, lead: number, extra: number): number {
  if (extra === 0) return lead;
  if (at + extra >= end) return -1; // The text was cut inside a character.
  let point = lead & (0x3f >> extra);
  for (let next = 1; next <= extra; next += 1) {
    const byte = bytes[at + next]!;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (byte & 63);
  }
  const smallest = extra === 1 ? 0x80 : extra === 2 ? 0x800 : 0x10000;
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < smallest || point > 0x10ffff || surrogate ? -1 : point;
}
