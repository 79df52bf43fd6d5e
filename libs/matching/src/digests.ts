/**
 * The digests this library needs but does not own: a pure library brings no cryptography, so the worker hands in
 * that of `node:crypto` and a test may hand in its own. Digests have 32 bytes.
 */
export interface Digests {
  /** SHA-256 of the bytes: trailer of a hash, digest of a TPM's endorsement key. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** HMAC-SHA-256 of the bytes, or of a text's UTF-8 bytes, under the instance's secret: evidence keys. Never called while decoding. */
  hmacSha256(message: Uint8Array | string): Uint8Array;
  /**
   * The platform's base64, where it has a faster one: of text in the standard spelling, complete and with its padding. Null for any
   * other text, which is then read carefully.
   */
  standardBase64?(text: string): Uint8Array | null;
}
