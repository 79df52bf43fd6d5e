import { hash } from 'node:crypto';
import type { Digests } from '@groundcrew/matching';
import { keyedHash } from '@groundcrew/matching';

/** Digests for tools: SHA-256 of the platform, and an HMAC under a secret that is no secret. */
export const nodeDigests: Digests = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  hmacSha256: keyedHash(Buffer.from('groundcrew fleet')),
};
