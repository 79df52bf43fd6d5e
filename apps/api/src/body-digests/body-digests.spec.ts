import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { BodyDigests } from './body-digests.js';

let digests: BodyDigests;
beforeEach(() => {
  digests = new BodyDigests();
});
afterEach(async () => await digests.onApplicationShutdown());

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Feeds a body in pieces of odd sizes, from one buffer that is written again every time. */
async function fed(bytes: Buffer, declared: number | null, pieceBytes: number): Promise<string> {
  const running = digests.begin(declared);
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const length = bytes.copy(piece, 0, at, at + pieceBytes);
    await running.update(piece.subarray(0, length));
  }
  return Buffer.from(await running.digest()).toString('hex');
}

describe('digests of bodies', () => {
  it.each([
    ['short', 1_000, 1_000, 300],
    ['large, in pieces smaller than a slot', 3_000_017, 3_000_017, 60_001],
    ['large, in pieces larger than a slot', 3_000_017, 3_000_017, 200_003],
    ['of a length that nobody said', 70_000, null, 50_000],
    ['empty', 0, null, 1],
  ])('is the SHA-256 of a body that is %s', async (_, bytes, declared, pieceBytes) => {
    const body = randomBytes(bytes);
    expect(await fed(body, declared, pieceBytes)).toBe(sha256(body));
  });

  it('keeps bodies apart that arrive together, however few slots are free', async () => {
    const bodies = Array.from({ length: 24 }, () => randomBytes(1_200_000));
    expect(await Promise.all(bodies.map((body) => fed(body, body.length, 64_000)))).toEqual(bodies.map(sha256));
  });

  it('never answers for a body whose thread died, and digests the next one', async () => {
    const running = digests.begin(null);
    await running.update(randomBytes(300_000));
    await digests.onApplicationShutdown();
    await running.update(randomBytes(3_000_000));
    await expect(Promise.resolve(running.digest())).rejects.toThrow('has ended');
    const body = randomBytes(2_000_000);
    expect(await fed(body, body.length, 64_000)).toBe(sha256(body));
  });

  it('has room again when a body was given up', async () => {
    for (let body = 0; body < 20; body += 1) {
      const running = digests.begin(null);
      await running.update(randomBytes(200_000));
      running.abandon();
    }
    const body = randomBytes(1_100_000);
    expect(await fed(body, null, 64_000)).toBe(sha256(body));
  });
});
