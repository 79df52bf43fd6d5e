import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createSealer } from './sealing.js';

describe('sealed bytes', () => {
  const sealer = createSealer(randomBytes(32));

  it.each([0, 1, 65_535, 65_536, 3_000_001])('of %i bytes open again, as a body too', async (length) => {
    const plain = randomBytes(length);
    const sealed = sealer.seal(plain, 'here');
    expect(sealed.length).toBe(length + 41);
    for (const each of [sealed, await sealer.sealBody(plain, 'here')]) {
      expect(sealer.open(each, 'here').equals(plain)).toBe(true);
      expect(() => sealer.open(each, 'elsewhere')).toThrow();
      expect(sealer.openInPlace(Buffer.from(each), 'here').equals(plain)).toBe(true);
    }
  });

  it('of a body of rows take less room than the rows', async () => {
    const rows = Buffer.from(`{"serialNumber":"5CD1","hardwareIdentifier":"${'A'.repeat(4_000)}"}\n`.repeat(1_000));
    const sealed = await sealer.sealBody(rows, 'here');
    expect(sealed.length).toBeLessThan(rows.length / 10);
    expect(sealer.open(sealed, 'here').equals(rows)).toBe(true);
  });

  it('are not opened where a bit was changed, or the end is missing', async () => {
    const hash = Buffer.from('a hash');
    const body = await sealer.sealBody(Buffer.alloc(100_000, 'a'), 'here');
    for (const sealed of [sealer.seal(hash, 'here'), body]) {
      for (const at of [0, 5, 15, 30, sealed.length - 1]) {
        const changed = Buffer.from(sealed);
        changed[at]! ^= 1;
        expect(() => sealer.open(changed, 'here')).toThrow();
        expect(() => sealer.openInPlace(Buffer.from(changed), 'here')).toThrow();
      }
      for (let length = 0; length < sealed.length; length += 1)
        expect(() => sealer.open(sealed.subarray(0, length), 'here')).toThrow();
    }
  });

  it('of one format do not open as those of another', async () => {
    const body = await sealer.sealBody(Buffer.alloc(100_000, 'a'), 'here');
    body[0] = sealer.seal(Buffer.from('a hash'), 'here')[0]!;
    expect(() => sealer.open(body, 'here')).toThrow('unable to authenticate');
  });

  it.each([
    ['AES-256-GCM', 'hash/42', 1, '01404142434445464748494a4b8399c6425554992f909167a0cef4f420eefaa7f350d6'],
    [
      'XChaCha20-Poly1305',
      'hash/42',
      1,
      '02404142434445464748494a4b4c4d4e4f505152535455565724ba30ace7a9f03298fe32a04280918d21e13a1c7c8a',
    ],
    [
      'zstd and XChaCha20-Poly1305',
      'intake/42/1',
      100,
      '03404142434445464748494a4b4c4d4e4f505152535455565769344e7c01550ed331d57d3acf986512cc308f49b1a2578bf15977e6152f97018f675c899ac7882aaa8b614a0179697cf668',
    ],
  ])('that another implementation of %s sealed are opened', (_, context, lines, sealed) => {
    // Made with Go's crypto/cipher and crypto/hkdf, golang.org/x/crypto's chacha20poly1305 and klauspost/compress's zstd.
    const opened = createSealer(Uint8Array.from(Array(32).keys())).open(Buffer.from(sealed, 'hex'), context);
    expect(opened.toString()).toBe(lines === 1 ? 'a hash' : 'a hash\n'.repeat(lines));
  });

  it('of many megabytes let others have their turn while they are made', async () => {
    let turns = 0;
    const beside = setInterval(() => (turns += 1), 0);
    await sealer.sealBody(Buffer.alloc(64 * 1024 * 1024), 'here');
    clearInterval(beside);
    expect(turns).toBeGreaterThan(0);
  });
});
