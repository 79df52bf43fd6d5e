import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createSealer } from '../sealing.js';
import { CopyBuffer } from './copy-buffer.js';
import { SpareBuffers } from './spare-buffers.js';

describe('buffers that are used again', () => {
  it('are handed out whole, to one at a time, and no more are kept than were asked for', () => {
    const spare = new SpareBuffers(1);
    const [small, large] = [spare.take(1_100_000), spare.take(3_000_000)];
    expect(small.buffer).not.toBe(large.buffer);
    spare.give(small.subarray(0, 1_100_000));
    spare.give(large.subarray(5));
    // The larger one stayed.
    const again = spare.take(2_000_000);
    expect(again.buffer).toBe(large.buffer);
    expect(again.length).toBeGreaterThanOrEqual(3_000_000);
    expect(spare.take(1_100_000).buffer).not.toBe(small.buffer);
  });

  it('are not kept where they are small', () => {
    const spare = new SpareBuffers(1);
    const whole = spare.take(2_000_000);
    spare.give(Buffer.allocUnsafeSlow(10));
    spare.give(whole);
    expect(spare.take(1_500_000).buffer).toBe(whole.buffer);
  });

  it('carry nothing of one COPY into the next', () => {
    const written = (text: string, times: number): Buffer => {
      const rows = new CopyBuffer(1, 1_100_000);
      for (let row = 0; row < times; row += 1) rows.row().text(text);
      const bytes = Buffer.from(rows.finish());
      rows.release();
      return bytes;
    };
    const long = written('secret of another order'.repeat(100), 900);
    expect(long.length).toBeGreaterThan(2_000_000);
    const short = written('a', 1);
    expect(short).toEqual(Buffer.concat([short.subarray(0, 19), Buffer.from('00010000000161ffff', 'hex')]));
  });
});

describe('opening sealed bytes in place', () => {
  const sealer = createSealer(randomBytes(32));
  it.each([0, 1, 131_072, 300_000])('gives %i bytes back as they were', (length) => {
    const plain = randomBytes(length);
    expect(sealer.openInPlace(sealer.seal(plain, 'here'), 'here')).toEqual(plain);
  });
  it('refuses what was altered or belongs elsewhere', () => {
    const sealed = sealer.seal(randomBytes(200_000), 'here');
    expect(() => sealer.openInPlace(Buffer.from(sealed), 'there')).toThrow();
    sealed[100_000]! ^= 1;
    expect(() => sealer.openInPlace(sealed, 'here')).toThrow();
  });
});
