import { writeAscii, writeText } from './text.js';

/**
 * HMAC-SHA-256 for many tiny messages under one secret. The two key blocks are digested once, so a value of up to 55 bytes
 * costs two compressions and no call into the platform: several times faster there than `createHmac`, whose cost is its set-up.
 * For long messages the platform's own is faster. A message may have up to 256 MiB; of a text it is the UTF-8 bytes.
 *
 * Source: RFC 2104, FIPS 180-4.
 */
export function keyedHash(secret: Uint8Array): (message: Uint8Array | string) => Uint8Array {
  const key = new Uint8Array(64);
  key.set(secret.length > 64 ? plainDigest(secret) : secret);
  const inner = stateAfterBlock(key.map((byte) => byte ^ 0x36));
  const outer = stateAfterBlock(key.map((byte) => byte ^ 0x5c));
  return (message) => {
    state.set(inner);
    absorbMessage(message, 64);
    // The inner digest is already eight words: it becomes the outer block without a detour over bytes.
    schedule.set(state);
    schedule[8] = 0x80000000 | 0;
    schedule.fill(0, 9, 15);
    schedule[15] = (64 + 32) * 8;
    state.set(outer);
    compress();
    return bytesOfState();
  };
}

const ROUNDS = Int32Array.from(firstPrimes(64), (prime) => fractionBits(Math.cbrt(prime)));
const INITIAL = Int32Array.from(firstPrimes(8), (prime) => fractionBits(Math.sqrt(prime)));
/** Working memory; no call outlives its own use of it. */
const state = new Int32Array(8);
const schedule = new Int32Array(64);

function plainDigest(message: Uint8Array): Uint8Array {
  state.set(INITIAL);
  absorb(message, message.length, 0);
  return bytesOfState();
}

function stateAfterBlock(block: Uint8Array): Int32Array {
  state.set(INITIAL);
  loadBlock(block, 0);
  compress();
  return Int32Array.from(state);
}

/** A short text, which is nearly every message, is read into bytes that are there already. */
const letters = new Uint8Array(512);

function absorbMessage(message: Uint8Array | string, before: number): void {
  if (typeof message !== 'string') return absorb(message, message.length, before);
  if (writeAscii(message, letters)) return absorb(letters, message.length, before);
  const bytes = writeText(message);
  absorb(bytes, bytes.length, before);
}

/** Digests the rest of a message of which `before` bytes are already in the state, and its padding. */
function absorb(message: Uint8Array, length: number, before: number): void {
  let at = 0;
  for (; at + 64 <= length; at += 64) {
    loadBlock(message, at);
    compress();
  }
  schedule.fill(0, 0, 16);
  const rest = length - at;
  for (let index = 0; index < rest; index += 1) schedule[index >> 2]! |= message[at + index]! << (24 - (index & 3) * 8);
  schedule[rest >> 2]! |= 0x80 << (24 - (rest & 3) * 8);
  if (rest >= 56) {
    compress();
    schedule.fill(0, 0, 15);
  }
  schedule[15] = (before + length) * 8;
  compress();
}

function loadBlock(bytes: Uint8Array, start: number): void {
  for (let at = 0; at < 16; at += 1) {
    const from = start + at * 4;
    schedule[at] = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
  }
}

/** Works the block in the schedule into the state. */
function compress(): void {
  for (let at = 16; at < 64; at += 1) {
    const early = schedule[at - 15]!;
    const late = schedule[at - 2]!;
    const low = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const high = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    schedule[at] = (schedule[at - 16]! + low + schedule[at - 7]! + high) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let at = 0; at < 64; at += 1) {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUNDS[at]! + schedule[at]!) | 0;
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function bytesOfState(): Uint8Array {
  const digest = new Uint8Array(32);
  for (let at = 0; at < 8; at += 1) {
    const word = state[at]!;
    digest[at * 4] = word >>> 24;
    digest[at * 4 + 1] = word >>> 16;
    digest[at * 4 + 2] = word >>> 8;
    digest[at * 4 + 3] = word;
  }
  return digest;
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

/** The first 32 bits behind the point, as the standard derives its constants. */
function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 0x100000000) | 0;
}
