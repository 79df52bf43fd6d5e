/**
 * Frees megabytes outside the heap at once, instead of when the collector finds them: it does not see how many they are before it
 * searches all of the heap. Nothing may look at the bytes any more. Small ones lie together in a buffer of others and are left to it.
 */
export function letGo(bytes: Buffer): void {
  const memory = bytes.buffer as ArrayBuffer;
  if (memory.byteLength > Buffer.poolSize || memory.byteLength === bytes.length) memory.transfer(0);
}
