const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SPACE = -2;
const PAD = -3;

const SEXTETS = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value += 1) SEXTETS[ALPHABET.charCodeAt(value)] = value;
SEXTETS['-'.charCodeAt(0)] = 62;
SEXTETS['_'.charCodeAt(0)] = 63;
for (const space of ' \t\r\n\f\v') SEXTETS[space.charCodeAt(0)] = SPACE;
SEXTETS['='.charCodeAt(0)] = PAD;

/** Two characters at once: twelve bits for each pair of ASCII codes, -1 where either is no character of the alphabet. */
const PAIRS = new Int16Array(128 * 128).fill(-1);
for (let first = 0; first < 128; first += 1) {
  for (let second = 0; second < 128; second += 1) {
    const [high, low] = [SEXTETS[first]!, SEXTETS[second]!];
    if (high >= 0 && low >= 0) PAIRS[(first << 7) | second] = (high << 6) | low;
  }
}

/**
 * Reads base64 the way exporters really write it: standard or URL alphabet, padding missing or complete, white
 * space anywhere. A lone last character is completed with zero bits, which is what the documented repair (`==`
 * becomes `A` until it decodes) ends in. Returns null when the text is not base64.
 *
 * Source: matching.md A.1, E.1; domain.md 1.4 (repair and its test vector).
 */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  const padding = trailingZeroGroups(text);
  let used = 0;
  let at = 0;
  // Almost every hash is a clean run of groups of four; only what deviates takes the careful way.
  for (; at + 4 <= padding; at += 4) {
    const one = text.charCodeAt(at);
    const two = text.charCodeAt(at + 1);
    const three = text.charCodeAt(at + 2);
    const four = text.charCodeAt(at + 3);
    if ((one | two | three | four) > 127) break;
    const left = PAIRS[(one << 7) | two]!;
    const right = PAIRS[(three << 7) | four]!;
    if ((left | right) < 0) break;
    const group = (left << 12) | right;
    bytes[used] = group >> 16;
    bytes[used + 1] = group >> 8;
    bytes[used + 2] = group;
    used += 3;
  }
  if (at === padding) {
    used += ((text.length - padding) / 4) * 3;
    at = text.length;
  }
  return finishCarefully(text, at, bytes, used);
}

/** Writes standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET[(group >> 18) & 63]! + ALPHABET[(group >> 12) & 63]!;
    text += at + 1 < bytes.length ? ALPHABET[(group >> 6) & 63]! : '=';
    text += at + 2 < bytes.length ? ALPHABET[group & 63]! : '=';
    if (text.length >= 1024) {
      pieces.push(text);
      text = '';
    }
  }
  pieces.push(text);
  return pieces.join('');
}

/** Runs of "A" by length, longest first: each is tried once, so any run up to 4095 is found in ten comparisons. */
const ZERO_RUNS = [2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4].map((length) => 'A'.repeat(length));

/** Where the run of "AAAA" groups begins that ends the text: two thirds of a hash. The text's length when there is none. */
function trailingZeroGroups(text: string): number {
  if (text.length % 4 !== 0) return text.length;
  let end = text.length;
  // Slices are compared as wholes; asking `endsWith` compares character by character.
  for (const run of ZERO_RUNS) if (text.slice(Math.max(0, end - run.length), end) === run) end -= run.length;
  return end;
}

function finishCarefully(text: string, start: number, bytes: Uint8Array, alreadyUsed: number): Uint8Array | null {
  let used = alreadyUsed;
  let pending = 0;
  let waiting = 0;
  let padding = 0;
  for (let at = start; at < text.length; at += 1) {
    const value = SEXTETS[text.charCodeAt(at)] ?? -1;
    if (value === SPACE) continue;
    if (value === PAD) {
      padding += 1;
      if (padding > 2) return null;
      continue;
    }
    if (value < 0 || padding > 0) return null;
    pending = (pending << 6) | value;
    waiting += 1;
    if (waiting === 4) {
      bytes[used++] = pending >> 16;
      bytes[used++] = pending >> 8;
      bytes[used++] = pending;
      pending = 0;
      waiting = 0;
    }
  }
  if (waiting === 1) {
    pending <<= 6;
    waiting = 2;
  }
  if (waiting >= 2) bytes[used++] = waiting === 2 ? pending >> 4 : pending >> 10;
  if (waiting === 3) bytes[used++] = pending >> 2;
  return bytes.subarray(0, used);
}
