import { createHash, randomUUID } from 'node:crypto';

/** A link for the customer. Its secret is 122 random bits that only the answer holds; we keep its SHA-256. */
export function newConsentLink(publicUrl: string): { url: string; digest: Buffer } {
  const secret = randomUUID();
  return { url: `${publicUrl}/v1/consentRequests/${secret}`, digest: digestOfLink(secret) };
}

/** Under what a link is found again. */
export function digestOfLink(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
