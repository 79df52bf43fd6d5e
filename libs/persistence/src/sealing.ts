import { sealingAtOnce } from './sealing/at-once.js';
import { sealingCompressed } from './sealing/compressed.js';
import { sealedInBlocks } from './sealing/in-blocks.js';

/** Encrypts what must not lie readable in a table: hardware hashes and the bodies they arrive in. */
export interface Sealer {
  /**
   * @param context what the bytes belong to, bound to them: they do not open anywhere else
   * @returns format (1 byte, which says how), nonce, ciphertext, tag
   */
  seal(plain: Uint8Array, context: string): Buffer;
  /** The same for bodies of many rows, which are compressed first: others have their turn meanwhile, and nobody may touch the bytes. */
  sealBody(plain: Uint8Array, context: string): Promise<Buffer>;
  /** @throws Error when the bytes were altered, belong to another context, or were sealed under another key */
  open(sealed: Uint8Array, context: string): Buffer;
  /**
   * The same where the sealed bytes are not needed any more: their memory is used again or let go of, so that megabytes are held once.
   * Nothing may look at them afterwards, also if this throws.
   */
  openInPlace(sealed: Buffer, context: string): Buffer;
}

/** Never change a number: sealed bytes are stored. */
const formats = { inBlocks: 1, atOnce: 2, compressed: 3 } as const;

/** Shorter bodies are sealed in less time than compressing takes to begin. */
const compressedFrom = 64 * 1024;

/** What is sealed under one instance key. @param key 32 bytes */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== 32) throw new Error(`a sealing key has 32 bytes, this one ${key.length}`);
  const atOnce = sealingAtOnce(key, formats.atOnce);
  const compressed = sealingCompressed(key, formats.compressed);
  const byFormat = new Map<number | undefined, Pick<typeof atOnce, 'overhead' | 'open' | 'openInPlace'>>([
    [formats.inBlocks, sealedInBlocks(key)],
    [formats.atOnce, atOnce],
    [formats.compressed, compressed],
  ]);
  const sealingOf = (sealed: Uint8Array) => {
    const sealing = byFormat.get(sealed[0]);
    if (sealing === undefined || sealed.length < sealing.overhead)
      throw new Error('not sealed bytes of a known format');
    return sealing;
  };
  return {
    seal: (plain, context) => atOnce.seal(plain, context),
    sealBody: async (plain, context) =>
      plain.length < compressedFrom ? atOnce.seal(plain, context) : await compressed.seal(plain, context),
    open: (sealed, context) => sealingOf(sealed).open(sealed, context),
    openInPlace: (sealed, context) => sealingOf(sealed).openInPlace(sealed, context),
  };
}

/** The context of a part of an order's body. */
export function partContext(runId: string, part: number): string {
  return `intake/${runId}/${part}`;
}

/** The context of a device's hash. */
export function hashContext(deviceId: string): string {
  return `hash/${deviceId}`;
}

/** The context of rows that failed. */
export function failedRowsContext(place: { runId: string; chunk: number; moment: number }): string {
  return `failed-rows/${place.runId}/${place.chunk}/${place.moment}`;
}
