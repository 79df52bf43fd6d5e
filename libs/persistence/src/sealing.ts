import { Slices } from './bulk/slices.js';
import type { SpareBuffers } from './bulk/spare-buffers.js';
import { sealingAtOnce } from './sealing/at-once.js';
import { sealingInBlocks } from './sealing/in-blocks.js';

/** Encrypts what must not lie readable in a table: hardware hashes and the bodies they arrive in. */
export interface Sealer {
  /**
   * @param context what the bytes belong to, bound to them: they do not open anywhere else
   * @returns format (1 byte, which says how), nonce, ciphertext, tag
   */
  seal(plain: Uint8Array, context: string): Buffer;
  /**
   * The same for megabytes: others have their turn meanwhile, and nobody may touch the bytes.
   *
   * @param spare where the sealed bytes' buffer comes from; whoever has written them gives it back
   */
  sealInTurns(plain: Uint8Array, context: string, spare?: SpareBuffers): Promise<Buffer>;
  /** @throws Error when the bytes were altered, belong to another context, or were sealed under another key */
  open(sealed: Uint8Array, context: string): Buffer;
  /**
   * The same where the sealed bytes are not needed any more: what they say is written over them, so that megabytes are held once.
   * Nothing may look at the bytes if this throws.
   */
  openInPlace(sealed: Buffer, context: string): Buffer;
}

/** Never change a number: sealed bytes are stored. */
const formats = { inBlocks: 1, atOnce: 2 } as const;

/** What is sealed under one instance key. @param key 32 bytes */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== 32) throw new Error(`a sealing key has 32 bytes, this one ${key.length}`);
  const inBlocks = sealingInBlocks(key, formats.inBlocks);
  const atOnce = sealingAtOnce(key, formats.atOnce);
  const byFormat = new Map<number | undefined, typeof inBlocks | typeof atOnce>([
    [formats.inBlocks, inBlocks],
    [formats.atOnce, atOnce],
  ]);
  const sealingOf = (sealed: Uint8Array) => {
    const sealing = byFormat.get(sealed[0]);
    if (sealing === undefined || sealed.length < sealing.overhead)
      throw new Error('not sealed bytes of a known format');
    return sealing;
  };
  return {
    seal: (plain, context) => atOnce.seal(plain, context),
    async sealInTurns(plain, context, spare) {
      const work = inBlocks.seal(plain, context, spare);
      for (const slices = new Slices(); ;) {
        const step = work.next();
        if (step.done === true) return step.value;
        if (slices.isOver) await slices.next();
      }
    },
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
