import { readText } from '../bytes/text.js';
import type { Cbor } from './cbor.js';
import { CBOR_LIMITS, CborMap } from './cbor.js';

const BAD = Symbol('not deterministic CBOR within the limits');
type Read = Cbor | typeof BAD;

/**
 * Reads one deterministic CBOR value that fills the bytes completely (RFC 8949, 4.2.1: shortest integers, sorted
 * keys, definite lengths, no duplicate keys), in one pass and within CBOR_LIMITS. Returns undefined for anything else.
 */
export function readCbor(bytes: Uint8Array): Cbor | undefined {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  return value === BAD || !reader.finished ? undefined : value;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get finished(): boolean {
    return this.at === this.bytes.length;
  }

  value(depth: number): Read {
    const head = this.bytes[this.at];
    if (head === undefined) return BAD;
    this.at += 1;
    const major = head >> 5;
    if (major === 7) return simple(head);
    const argument = this.argument(head & 31);
    if (argument < 0) return BAD;
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.byteString(argument);
      case 3:
        return this.textString(argument);
      case 4:
        return this.array(argument, depth + 1);
      case 5:
        return this.map(argument, depth + 1);
      default:
        return BAD;
    }
  }

  /** The number behind a head, or -1 when it is cut, not the shortest form, or more than 2^53. */
  private argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) return -1;
    const width = 1 << (info - 24);
    if (this.at + width > this.bytes.length) return -1;
    let value = 0;
    for (let end = this.at + width; this.at < end; this.at += 1) value = value * 256 + this.bytes[this.at]!;
    const smallest = width === 1 ? 24 : 2 ** (width * 4);
    return value < smallest || !Number.isSafeInteger(value) ? -1 : value;
  }

  private byteString(length: number): Read {
    if (length > CBOR_LIMITS.bytes || this.at + length > this.bytes.length) return BAD;
    const value = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return value;
  }

  private textString(length: number): Read {
    if (length > CBOR_LIMITS.text || this.at + length > this.bytes.length) return BAD;
    const text = readText(this.bytes, this.at, this.at + length);
    this.at += length;
    return text.includes('\uFFFD') ? BAD : text;
  }

  private array(length: number, depth: number): Read {
    if (length > CBOR_LIMITS.items || depth > CBOR_LIMITS.nesting) return BAD;
    const items: Cbor[] = [];
    for (let index = 0; index < length; index += 1) {
      const item = this.value(depth);
      if (item === BAD) return BAD;
      items.push(item);
    }
    return items;
  }

  private map(length: number, depth: number): Read {
    if (length > CBOR_LIMITS.items || depth > CBOR_LIMITS.nesting) return BAD;
    const entries: [number, Cbor][] = [];
    let previous = -1;
    for (let index = 0; index < length; index += 1) {
      const key = this.value(depth);
      if (typeof key !== 'number' || key <= previous) return BAD;
      previous = key;
      const value = this.value(depth);
      if (value === BAD) return BAD;
      entries.push([key, value]);
    }
    return new CborMap(entries);
  }
}

function simple(head: number): Read {
  if (head === 0xf4) return false;
  if (head === 0xf5) return true;
  return head === 0xf6 ? null : BAD;
}
