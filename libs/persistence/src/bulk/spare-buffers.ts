/** Sizes are rounded up to this, so that parts of nearly the same size fit each other's buffers. */
const stepBytes = 1024 * 1024;

/**
 * Buffers of megabytes that are used again. A chunk needs several, and each that is thrown away lies outside the heap where it
 * makes the collector go through all of the heap every few chunks: that was a third of what an order cost.
 */
export class SpareBuffers {
  readonly #spare: Buffer[] = [];
  readonly #most: number;

  /** @param most how many are kept at most */
  constructor(most: number) {
    this.#most = most;
  }

  /** A buffer of at least so many bytes; what is in it is somebody's who is done with it. Small ones are not worth keeping. */
  take(bytes: number): Buffer {
    if (bytes < stepBytes) return Buffer.allocUnsafe(bytes);
    const at = this.#spare.findIndex((buffer) => buffer.length >= bytes);
    if (at !== -1) return this.#spare.splice(at, 1)[0]!;
    return Buffer.allocUnsafeSlow(Math.ceil(bytes / stepBytes) * stepBytes);
  }

  /** Nothing may look at the bytes any more. */
  give(buffer: Buffer): void {
    if (buffer.buffer.byteLength < stepBytes) return;
    const whole = Buffer.from(buffer.buffer);
    if (this.#spare.length < this.#most) {
      this.#spare.push(whole);
      return;
    }
    // The smallest one goes: a large one fits everybody.
    const smallest = this.#spare.reduce(
      (least, each, at) => (each.length < this.#spare[least]!.length ? at : least),
      0,
    );
    if (this.#spare[smallest]!.length < whole.length) this.#spare[smallest] = whole;
  }
}
