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

/** The platform leaves out what it cannot read; only a text that comes out as it went in was read whole. */
function standardBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : null;
}
