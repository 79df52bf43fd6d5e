import type { UploadPartView, UploadView } from '@groundcrew/contracts';
import type { Upload, UploadPart } from '@groundcrew/persistence';
import { momentOf } from '../routes/moments.js';

export function toUploadView({ terms: _, runId, ...upload }: Upload): UploadView {
  return {
    ...upload,
    operationId: runId,
    createdAt: momentOf(upload.createdAt),
    expiresAt: momentOf(upload.expiresAt),
  };
}

export function toUploadPartView({ number, bytes, digest }: UploadPart): UploadPartView {
  return { number, bytes, digest: contentDigest(digest) };
}

/** A digest as Content-Digest writes it. Source: RFC 9530. */
export function contentDigest(digest: Buffer): string {
  return `sha-256=:${digest.toString('base64')}:`;
}
