const PAIRS = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal text of the bytes from `start` to `end`. */
export function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  let at = start;
  // Short pieces first: appending byte by byte to a growing text would be most of the work of decoding a hash.
  for (; at + 6 <= end; at += 6) {
    text +=
      PAIRS[bytes[at]!]! +
      PAIRS[bytes[at + 1]!]! +
      PAIRS[bytes[at + 2]!]! +
      (PAIRS[bytes[at + 3]!]! + PAIRS[bytes[at + 4]!]! + PAIRS[bytes[at + 5]!]!);
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
