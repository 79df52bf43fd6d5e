/**
 * A small seeded generator (xoshiro128**, seeded through two mixed chains). Not for secrets: it exists so that the same seed
 * gives the same fleet on every machine and in every version of Node.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /**
   * Different lists of numbers begin streams of their own; numbers may be any safe integers. Two chains keep 64 bits of them: with
   * one chain of 32, three million draws beside fifty thousand met the same TPM key six times.
   */
  constructor(...seeds: readonly number[]) {
    let left = 0x9e3779b9;
    let right = 0x243f6a88;
    for (const seed of seeds) {
      const [low, high] = [seed >>> 0, Math.floor(seed / 0x100000000)];
      left = mix(mix(left ^ low) ^ high);
      right = mix(mix((right + low) ^ 0x5bd1e995) + Math.imul(high, 0x85ebca6b) + left);
    }
    this.a = left;
    this.b = right;
    this.c = mix(left + 0x9e3779b9);
    this.d = mix(right ^ 0x3c6ef372) | 1;
  }

  /** 32 random bits, not negative. */
  bits(): number {
    const scaled = Math.imul(this.b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** A whole number from 0 up to but not including `end`. */
  below(end: number): number {
    return Math.floor((this.bits() / 0x100000000) * end);
  }

  /** True in `share` of all calls; share between 0 and 1. */
  chance(share: number): boolean {
    return this.bits() < share * 0x100000000;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const words = new DataView(bytes.buffer);
    let at = 0;
    for (; at + 4 <= length; at += 4) words.setUint32(at, this.bits());
    for (; at < length; at += 1) bytes[at] = this.bits();
    return bytes;
  }
}

function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
