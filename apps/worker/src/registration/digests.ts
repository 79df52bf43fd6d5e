import { keyedHash, type Digests } from '@groundcrew/matching';
import { hash } from 'node:crypto';

/** What the matching library needs of the platform, under this instance's secret. */
export function createDigests(identityKey: Uint8Array): Digests {
  return {
    sha256: (bytes) => hash('sha256', bytes, 'buffer'),
    hmacSha256: keyedHash(identityKey),
    standardBase64,
  };
}

/**
 * The platform leaves out what it cannot read, and takes letters of other alphabets for ASCII. A text of ASCII that gives as many
 * bytes as its length promises was read whole.
 */
function standardBase64(text: string): Uint8Array | null {
  const { length } = text;
  if (length === 0 || length % 4 !== 0 || Buffer.byteLength(text, 'utf8') !== length) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== (length / 4) * 3 - padding) return null;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
