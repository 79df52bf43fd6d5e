/** After so many bytes the collector is asked to look at what is young. */
const everyBytes = 2 * 1024 * 1024;

/**
 * Bytes that are of no use as soon as they have passed: chunks of a body, blocks of a cipher. They lie outside the heap, where the
 * collector of young objects does not count them; so they pile up until, every 64 MB, it goes through the whole heap on every thread it
 * has, for a tenth of a second. Looking at the young objects alone, which takes a thousandth, lets go of them before.
 *
 * Works where the process was started with `--expose-gc`, and costs nothing where it was not.
 */
export class FleetingBytes {
  #since = 0;

  /** @param bytes that nobody looks at any more, or soon will not */
  passed(bytes: number): void {
    this.#since += bytes;
    if (this.#since < everyBytes) return;
    this.#since = 0;
    globalThis.gc?.({ type: 'minor' });
  }
}
