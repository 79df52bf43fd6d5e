import { nodeDigests, generateFleet } from '@groundcrew/fleet';
import { decodeHardwareHash } from '@groundcrew/matching';
import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createDigests } from './digests.js';

describe('reading a hash with the platform’s base64', () => {
  const { standardBase64, ...careful } = createDigests(Buffer.alloc(32, 7));
  const [device] = generateFleet({ seed: 77, devices: 1 });
  const text = device!.hardwareIdentifier;
  const texts = [
    ['as it was captured', text],
    ['without its padding', Buffer.from(text, 'base64').subarray(0, 2_999).toString('base64').replace(/=+$/, '')],
    ['in the alphabet for addresses', text.replaceAll('+', '-').replaceAll('/', '_')],
    ['with white space', text.replace(/(.{76})/g, '$1\r\n')],
    ['with a character of no alphabet', `${text.slice(0, 200)}!${text.slice(200)}`],
    ['with bits beyond its end', `${text.slice(0, 3_997)}B==`],
    ['with a letter that only resembles one', `${text.slice(0, 200)}\u0141${text.slice(201)}`],
    ['with its padding in the middle', `${text.slice(0, 200)}====${text.slice(204)}`],
    ['of something else', randomBytes(300).toString('base64')],
    ['of nothing', ''],
  ] as const;
  it.each(texts)('%s gives what the careful reading gives', (_, given) => {
    expect(decodeHardwareHash(given, { ...careful, standardBase64: standardBase64! })).toEqual(
      decodeHardwareHash(given, careful),
    );
  });

  it('has the digests that everybody has', () => {
    const bytes = randomBytes(1_000);
    expect(Buffer.from(careful.sha256(bytes)).equals(Buffer.from(nodeDigests.sha256(bytes)))).toBe(true);
  });
});
