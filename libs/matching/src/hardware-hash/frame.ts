import type { Digests } from '../digests.js';

/** One record as it stands in the frame: `start` and `end` bound its value, in bytes from the frame's beginning. */
export interface RecordSpan {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

export interface Frame {
  readonly spans: readonly RecordSpan[];
  /** 'verified' only when the SHA-256 of everything before the trailer is what the trailer says. */
  readonly trailer: 'verified' | 'mismatch' | 'absent';
  /** The bytes end before the length the header gives. */
  readonly truncated: boolean;
}

export const HEADER_LENGTH = 4;
export const TRAILER_LENGTH = 36;

/** Whether the bytes begin as a hardware hash does. */
export function isHardwareHash(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_LENGTH && bytes[0] === 0x4f && bytes[1] === 0x41;
}

/**
 * Walks the records of a hardware hash. Every record is at least its own four bytes and ends within both the
 * declared length and the bytes at hand, so the walk always moves on and always ends. Returns null when a record
 * breaks its bounds; a frame that merely stops early keeps its whole records and says `truncated`.
 *
 * Source: matching.md A.2.
 */
export function readFrame(bytes: Uint8Array, digests: Digests): Frame | null {
  const declared = u16(bytes, 2);
  if (declared < HEADER_LENGTH + 4) return null;
  const truncated = bytes.length < declared;
  const end = truncated ? bytes.length : declared;
  const spans: RecordSpan[] = [];
  let at = HEADER_LENGTH;
  while (at < end) {
    const whole = at + 4 <= end;
    const length = whole ? u16(bytes, at + 2) : 0;
    const next = at + length;
    if (whole && (length < 4 || next > declared)) return null;
    if (!whole || next > end) {
      if (!truncated) return null;
      break;
    }
    spans.push({ type: u16(bytes, at), start: at + 4, end: next });
    at = next;
  }
  if (spans.length === 0) return null;
  return { spans, truncated, trailer: truncated ? 'absent' : checkTrailer(bytes, declared, digests) };
}

/** Little-endian unsigned 16-bit number; what lies behind the end reads as 0. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Little-endian unsigned 32-bit number. */
export function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + u16(bytes, at + 2) * 0x10000;
}

function checkTrailer(bytes: Uint8Array, declared: number, digests: Digests): Frame['trailer'] {
  if (bytes.length < declared + TRAILER_LENGTH) return 'absent';
  if (bytes[declared] !== 0x43 || bytes[declared + 1] !== 0x53 || u16(bytes, declared + 2) !== TRAILER_LENGTH)
    return 'absent';
  const digest = digests.sha256(bytes.subarray(0, declared));
  for (let at = 0; at < 32; at += 1) if (digest[at] !== bytes[declared + 4 + at]) return 'mismatch';
  return 'verified';
}
