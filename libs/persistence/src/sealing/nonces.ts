import { randomFillSync } from 'node:crypto';

/** Random nonces, drawn from the system many at a time. @returns a view of some bytes that nobody is given again before the next 500 */
export function nonces(bytes: number): () => Buffer {
  const drawn = Buffer.alloc(bytes * 512);
  let used = drawn.length;
  return () => {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    used += bytes;
    return drawn.subarray(used - bytes, used);
  };
}
