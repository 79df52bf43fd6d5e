import { keyedHash, type Digests } from '@groundcrew/matching';
import { createHash } from 'node:crypto';

/** The digests of this instance. Evidence keys are only found again under the key they were made with: the worker's. */
export function createIdentityDigests(identityKey: Uint8Array): Digests {
  return {
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    hmacSha256: keyedHash(identityKey),
  };
}
