import { decodeBase64 } from './bytes/base64.js';
import type { Digests } from './digests.js';
import { decodeEnvelope, isEnvelope } from './envelope/decode-envelope.js';
import { isHardwareHash, readFrame } from './hardware-hash/frame.js';
import type { UnknownRecord } from './hardware-hash/read-records.js';
import { readRecords } from './hardware-hash/read-records.js';
import type { HardwareReport } from './report.js';

/** Why a text is not a hash at all. A code, never a sentence: the words belong to whoever shows it. */
export type HashRejectionCode =
  'hash.empty' | 'hash.not-base64' | 'hash.too-short' | 'hash.too-long' | 'hash.malformed';

export interface HashRejection {
  readonly code: HashRejectionCode;
}

/**
 * - `full`: frame, records and digest are right; matched normally.
 * - `partial`: cut off, or the digest is missing or wrong; fields are usable, a decision is capped at review.
 * - `opaque`: no form that is known here; only the exact digest can be compared.
 */
export type DecodeLevel = 'full' | 'partial' | 'opaque';

export interface DecodedHash {
  readonly level: DecodeLevel;
  readonly form: 'hardware-hash' | 'envelope' | 'unknown';
  /** Null only when opaque. */
  readonly report: HardwareReport | null;
  /** All bytes of the text, padding included. */
  readonly bytes: Uint8Array;
  readonly trailer: 'verified' | 'mismatch' | 'absent';
  /** Records of types that are not known, in their order. */
  readonly unknown: readonly UnknownRecord[];
  /** Nonce and report id of an envelope, hexadecimal; '' elsewhere. They serve freshness, never identity. */
  readonly nonce: string;
  readonly reportId: string;
}

export type HashDecoding =
  { readonly ok: true; readonly value: DecodedHash } | { readonly ok: false; readonly rejection: HashRejection };

/** Most characters of a hardware hash's text, and of an envelope's. Source: matching.md E.1. */
export const HASH_TEXT_LIMIT = 8_192;
export const ENVELOPE_TEXT_LIMIT = 24_576;

/** Fewest bytes that can be a hash: nothing identifying fits in less. */
export const HASH_MINIMUM_LENGTH = 64;

/**
 * Decodes the text of a hash or of an envelope. Never throws: text that is no hash gives a rejection. Time and memory
 * are bounded by the text's length, which is checked first.
 *
 * Source: matching.md E.1 ("Accepting the real HH").
 */
export function decodeHardwareHash(text: string, digests: Digests): HashDecoding {
  if (text.length > ENVELOPE_TEXT_LIMIT) return rejected('hash.too-long');
  const bytes = digests.standardBase64?.(text) ?? decodeBase64(text);
  if (bytes === null) return rejected('hash.not-base64');
  if (bytes.length === 0) return rejected('hash.empty');
  if (bytes.length < HASH_MINIMUM_LENGTH) return rejected('hash.too-short');
  if (isEnvelope(bytes)) return decodeAsEnvelope(bytes, digests);
  if (text.length > HASH_TEXT_LIMIT) return rejected('hash.too-long');
  return isHardwareHash(bytes) ? decodeAsHardwareHash(bytes, digests) : opaque(bytes);
}

function decodeAsHardwareHash(bytes: Uint8Array, digests: Digests): HashDecoding {
  const frame = readFrame(bytes, digests);
  if (frame === null) return rejected('hash.malformed');
  const { report, unknown } = readRecords(bytes, frame, digests);
  const level = frame.trailer === 'verified' ? 'full' : 'partial';
  return {
    ok: true,
    value: { level, form: 'hardware-hash', report, bytes, trailer: frame.trailer, unknown, nonce: '', reportId: '' },
  };
}

function decodeAsEnvelope(bytes: Uint8Array, digests: Digests): HashDecoding {
  const envelope = decodeEnvelope(bytes, digests);
  if (envelope.kind === 'malformed') return rejected('hash.malformed');
  if (envelope.kind === 'unknown-version') return opaque(bytes);
  const { report, trailer, nonce, reportId } = envelope;
  const level = trailer === 'verified' ? 'full' : 'partial';
  return { ok: true, value: { level, form: 'envelope', report, bytes, trailer, unknown: [], nonce, reportId } };
}

function opaque(bytes: Uint8Array): HashDecoding {
  return {
    ok: true,
    value: {
      level: 'opaque',
      form: 'unknown',
      report: null,
      bytes,
      trailer: 'absent',
      unknown: [],
      nonce: '',
      reportId: '',
    },
  };
}

function rejected(code: HashRejectionCode): HashDecoding {
  return { ok: false, rejection: { code } };
}
