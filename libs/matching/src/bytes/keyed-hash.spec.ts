import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyedHash } from './keyed-hash.js';

describe('the keyed hash', () => {
  it('is HMAC-SHA-256 for any secret and message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), fc.uint8Array({ maxLength: 300 }), (secret, message) => {
        const expected = createHmac('sha256', secret).update(message).digest('hex');
        expect(Buffer.from(keyedHash(secret)(message)).toString('hex')).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a text for its UTF-8 bytes, whatever its length and letters', () => {
    const text = fc.oneof(fc.string({ maxLength: 600 }), fc.string({ maxLength: 600, unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), text, (secret, message) => {
        const expected = createHmac('sha256', secret).update(message, 'utf8').digest('hex');
        expect(Buffer.from(keyedHash(secret)(message)).toString('hex')).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
