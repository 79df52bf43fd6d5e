import type { Digests } from '@groundcrew/matching';
import { createHash } from 'node:crypto';

/** Digests for reading a hash. Keys to find a device by are made where the instance's secret is: in the service. */
export const decodingDigests: Digests = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: () => {
    throw new Error('evidence keys are made by the service');
  },
};
