import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { SpareBuffers } from './bulk/spare-buffers.js';
import { createSealer } from './sealing.js';

describe('sealed bytes', () => {
  const sealer = createSealer(randomBytes(32));

  it.each([0, 1, 128 * 1024, 3_000_001])('of %i bytes open again, sealed at once or in turns', async (length) => {
    const plain = randomBytes(length);
    const atOnce = sealer.seal(plain, 'here');
    const inTurns = await sealer.sealInTurns(plain, 'here', new SpareBuffers(1));
    expect([atOnce.length, inTurns.length]).toEqual([length + 41, length + 29]);
    for (const sealed of [atOnce, inTurns]) {
      expect(sealer.open(sealed, 'here').equals(plain)).toBe(true);
      expect(() => sealer.open(sealed, 'elsewhere')).toThrow();
      expect(sealer.openInPlace(Buffer.from(sealed), 'here').equals(plain)).toBe(true);
    }
  });

  it('are not opened where a bit was changed, or the end is missing', async () => {
    const hash = Buffer.from('a hash');
    for (const sealed of [sealer.seal(hash, 'here'), await sealer.sealInTurns(hash, 'here')]) {
      for (const at of [0, 5, 15, 30, sealed.length - 1]) {
        const changed = Buffer.from(sealed);
        changed[at]! ^= 1;
        expect(() => sealer.open(changed, 'here')).toThrow();
        expect(() => sealer.openInPlace(changed, 'here')).toThrow();
      }
      for (let length = 0; length < sealed.length; length += 1)
        expect(() => sealer.open(sealed.subarray(0, length), 'here')).toThrow();
    }
  });

  it.each([
    ['AES-256-GCM', '01404142434445464748494a4b8399c6425554992f909167a0cef4f420eefaa7f350d6'],
    [
      'XChaCha20-Poly1305',
      '02404142434445464748494a4b4c4d4e4f505152535455565724ba30ace7a9f03298fe32a04280918d21e13a1c7c8a',
    ],
  ])('that another implementation of %s sealed are opened', (_, sealed) => {
    // Made with Go's crypto/cipher, and with golang.org/x/crypto's hkdf and chacha20poly1305.
    const opened = createSealer(Uint8Array.from(Array(32).keys())).open(Buffer.from(sealed, 'hex'), 'hash/42');
    expect(opened.toString()).toBe('a hash');
  });

  it('of many megabytes let others have their turn while they are sealed in turns', async () => {
    let turns = 0;
    const beside = setInterval(() => (turns += 1), 0);
    await sealer.sealInTurns(Buffer.alloc(64 * 1024 * 1024), 'here');
    clearInterval(beside);
    expect(turns).toBeGreaterThan(0);
  });
});
