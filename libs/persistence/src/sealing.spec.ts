import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { SpareBuffers } from './bulk/spare-buffers.js';
import { createSealer } from './sealing.js';

describe('sealed bytes', () => {
  const sealer = createSealer(randomBytes(32));

  it.each([0, 1, 128 * 1024, 3_000_001])('of %i bytes open again, sealed at once or in turns', async (length) => {
    const plain = randomBytes(length);
    for (const sealed of [sealer.seal(plain, 'here'), await sealer.sealInTurns(plain, 'here', new SpareBuffers(1))]) {
      expect(sealed.length).toBe(length + 29);
      expect(sealer.open(sealed, 'here').equals(plain)).toBe(true);
      expect(() => sealer.open(sealed, 'elsewhere')).toThrow();
      expect(sealer.openInPlace(Buffer.from(sealed), 'here').equals(plain)).toBe(true);
    }
  });

  it('are not opened where a bit was changed', () => {
    const sealed = sealer.seal(Buffer.from('a hash'), 'here');
    for (const at of [0, 5, 15, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => sealer.open(changed, 'here')).toThrow();
    }
  });

  it('of many megabytes let others have their turn while they are sealed in turns', async () => {
    let turns = 0;
    const beside = setInterval(() => (turns += 1), 0);
    await sealer.sealInTurns(Buffer.alloc(64 * 1024 * 1024), 'here');
    clearInterval(beside);
    expect(turns).toBeGreaterThan(0);
  });
});
