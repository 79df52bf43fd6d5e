import { hkdfSync } from 'node:crypto';
import sodium from 'sodium-native';
import { nonces } from './nonces.js';

const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
const tagBytes = sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES;

/**
 * XChaCha20-Poly1305, all at once: for what there is of every device. A thousand bytes cost a quarter of what Node's cipher objects
 * cost, and leave nothing to collect; and with nonces of 24 bytes nobody has to count how many values one key has sealed.
 * Source: draft-irtf-cfrg-xchacha-03, 2 and 3.1.
 *
 * @param key of which its own is derived (HKDF-SHA-256): no two formats share one
 * @param format the sealed bytes' first
 * @param purpose what the derived key is for; never change one: sealed bytes are stored
 */
export function sealingAtOnce(key: Uint8Array, format: number, purpose = 'groundcrew/sealed-at-once') {
  const secret = Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
  const nextNonce = nonces(nonceBytes);
  const unseal = (sealed: Uint8Array, context: string, plain: Buffer): Buffer => {
    const cipher = sealed.subarray(1 + nonceBytes);
    const nonce = sealed.subarray(1, 1 + nonceBytes);
    try {
      const additional = Buffer.from(context, 'utf8');
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, cipher, additional, nonce, secret);
    } catch (cause) {
      throw new Error('unable to authenticate sealed bytes', { cause });
    }
    return plain;
  };
  return {
    /** What sealing adds. */
    overhead: 1 + nonceBytes + tagBytes,

    /** @returns format (1 byte), nonce (24), ciphertext, tag (16) */
    seal(plain: Uint8Array, context: string): Buffer {
      const sealed = Buffer.allocUnsafe(1 + nonceBytes + plain.length + tagBytes);
      const nonce = nextNonce();
      sealed[0] = format;
      sealed.set(nonce, 1);
      const cipher = sealed.subarray(1 + nonceBytes);
      const additional = Buffer.from(context, 'utf8');
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(cipher, plain, additional, null, nonce, secret);
      return sealed;
    },

    open: (sealed: Uint8Array, context: string): Buffer =>
      unseal(sealed, context, Buffer.allocUnsafe(sealed.length - 1 - nonceBytes - tagBytes)),

    openInPlace: (sealed: Buffer, context: string): Buffer =>
      unseal(sealed, context, sealed.subarray(1 + nonceBytes, sealed.length - tagBytes)),
  };
}
