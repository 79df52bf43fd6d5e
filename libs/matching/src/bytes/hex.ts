const PAIRS = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal text of the bytes from `start` to `end`. */
export function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  let at = start;
  // Four bytes at a time: a string per byte would be most of the work of decoding a hash.
  for (; at + 4 <= end; at += 4) {
    const word = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    text += word < 0x10000000 ? word.toString(16).padStart(8, '0') : word.toString(16);
  }
  for (; at < end; at += 1) text += PAIRS[bytes[at] ?? 0]!;
  return text;
}

/** Bytes of hexadecimal text, or null when it is not an even run of hexadecimal digits. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
