import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto';
import { Slices } from './bulk/slices.js';
import type { SpareBuffers } from './bulk/spare-buffers.js';

/** Encrypts what must not lie readable in a table: hardware hashes and the bodies they arrive in. */
export interface Sealer {
  /**
   * @param context what the bytes belong to, bound to them: they do not open anywhere else
   * @param spare where the sealed bytes' buffer comes from; whoever has written them gives it back
   * @returns format (1 byte), nonce (12), ciphertext, tag (16)
   */
  seal(plain: Uint8Array, context: string, spare?: SpareBuffers): Buffer;
  /** The same for megabytes: others have their turn meanwhile, and nobody may touch the bytes. */
  sealInTurns(plain: Uint8Array, context: string, spare?: SpareBuffers): Promise<Buffer>;
  /** @throws Error when the bytes were altered, belong to another context, or were sealed under another key */
  open(sealed: Uint8Array, context: string): Buffer;
  /**
   * The same where the sealed bytes are not needed any more: what they say is written over them, so that megabytes are held once.
   * Nothing may look at the bytes if this throws.
   */
  openInPlace(sealed: Buffer, context: string): Buffer;
}

const format = 1;
const nonceBytes = 12;
const tagBytes = 16;
const blockBytes = 128 * 1024;

/** AES-256-GCM under one instance key. @param key 32 bytes */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== 32) throw new Error(`a sealing key has 32 bytes, this one ${key.length}`);
  // A key object is prepared once; handing in bytes costs 25 µs at every call.
  const secret = createSecretKey(key);
  const nextNonce = nonces();
  const decipherOf = (sealed: Uint8Array, context: string) => {
    if (sealed.length < 1 + nonceBytes + tagBytes || sealed[0] !== format)
      throw new Error('not sealed bytes of a known format');
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(1, 1 + nonceBytes));
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    return decipher;
  };
  /** Stops after every block. */
  function* sealing(plain: Uint8Array, context: string, spare?: SpareBuffers): Generator<void, Buffer, void> {
    const nonce = nextNonce();
    const cipher = createCipheriv('aes-256-gcm', secret, nonce);
    cipher.setAAD(Buffer.from(context, 'utf8'));
    const bytes = 1 + nonceBytes + plain.length + tagBytes;
    const sealed = spare?.take(bytes).subarray(0, bytes) ?? Buffer.allocUnsafe(bytes);
    sealed[0] = format;
    sealed.set(nonce, 1);
    let at = 1 + nonceBytes;
    // A part of an order is megabytes: block by block it is not held a third time.
    for (let from = 0; from < plain.length; from += blockBytes) {
      const block = cipher.update(plain.subarray(from, from + blockBytes));
      sealed.set(block, at);
      at += block.length;
      yield;
    }
    cipher.final();
    sealed.set(cipher.getAuthTag(), at);
    return sealed;
  }
  return {
    seal(plain, context, spare) {
      const work = sealing(plain, context, spare);
      for (;;) {
        const step = work.next();
        if (step.done === true) return step.value;
      }
    },
    async sealInTurns(plain, context, spare) {
      const work = sealing(plain, context, spare);
      for (const slices = new Slices(); ;) {
        const step = work.next();
        if (step.done === true) return step.value;
        if (slices.isOver) await slices.next();
      }
    },
    open(sealed, context) {
      const decipher = decipherOf(sealed, context);
      const plain = decipher.update(sealed.subarray(1 + nonceBytes, sealed.length - tagBytes));
      decipher.final();
      return plain;
    },
    openInPlace(sealed, context) {
      const decipher = decipherOf(sealed, context);
      const plain = sealed.subarray(1 + nonceBytes, sealed.length - tagBytes);
      for (let at = 0; at < plain.length; at += blockBytes)
        plain.set(decipher.update(plain.subarray(at, at + blockBytes)), at);
      decipher.final();
      return plain;
    },
  };
}

/** Random nonces, drawn from the system many at a time. */
function nonces(): () => Buffer {
  const drawn = Buffer.alloc(nonceBytes * 512);
  let used = drawn.length;
  return () => {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    used += nonceBytes;
    return Buffer.from(drawn.subarray(used - nonceBytes, used));
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
