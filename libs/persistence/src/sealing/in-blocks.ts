import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { SpareBuffers } from '../bulk/spare-buffers.js';
import { nonces } from './nonces.js';

const nonceBytes = 12;
const tagBytes = 16;
const blockBytes = 128 * 1024;

/**
 * AES-256-GCM, block by block: for megabytes, which are not to be held a third time, and beside which others have their turn. Its random
 * nonces are meant for four billion values under one key. Source: NIST SP 800-38D, 8.3.
 *
 * @param format the sealed bytes' first
 */
export function sealingInBlocks(key: Uint8Array, format: number) {
  // A key object is prepared once; handing in bytes costs 25 µs at every call.
  const secret = createSecretKey(key);
  const nextNonce = nonces(nonceBytes);
  const decipherOf = (sealed: Uint8Array, context: string) => {
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(1, 1 + nonceBytes));
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    return decipher;
  };
  return {
    /** What sealing adds. */
    overhead: 1 + nonceBytes + tagBytes,

    /** Stops after every block. @returns format (1 byte), nonce (12), ciphertext, tag (16) */
    *seal(plain: Uint8Array, context: string, spare?: SpareBuffers): Generator<void, Buffer, void> {
      const bytes = 1 + nonceBytes + plain.length + tagBytes;
      const sealed = spare?.take(bytes).subarray(0, bytes) ?? Buffer.allocUnsafe(bytes);
      sealed[0] = format;
      sealed.set(nextNonce(), 1);
      const cipher = createCipheriv('aes-256-gcm', secret, sealed.subarray(1, 1 + nonceBytes));
      cipher.setAAD(Buffer.from(context, 'utf8'));
      let at = 1 + nonceBytes;
      for (let from = 0; from < plain.length; from += blockBytes) {
        const block = cipher.update(plain.subarray(from, from + blockBytes));
        sealed.set(block, at);
        at += block.length;
        yield;
      }
      cipher.final();
      sealed.set(cipher.getAuthTag(), at);
      return sealed;
    },

    open(sealed: Uint8Array, context: string): Buffer {
      const decipher = decipherOf(sealed, context);
      const plain = decipher.update(sealed.subarray(1 + nonceBytes, sealed.length - tagBytes));
      decipher.final();
      return plain;
    },

    openInPlace(sealed: Buffer, context: string): Buffer {
      const decipher = decipherOf(sealed, context);
      const plain = sealed.subarray(1 + nonceBytes, sealed.length - tagBytes);
      for (let at = 0; at < plain.length; at += blockBytes)
        plain.set(decipher.update(plain.subarray(at, at + blockBytes)), at);
      decipher.final();
      return plain;
    },
  };
}
