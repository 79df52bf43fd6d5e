/** Bytes without the zeros they ended in, and how long they were with them. */
export interface TrimmedBytes {
  readonly bytes: Uint8Array;
  /** Length in bytes before trimming. */
  readonly length: number;
}

/**
 * Drops the zero padding at the end: two thirds of a real hash. Storing what is left with the length keeps the
 * original exactly. The returned bytes are a view, not a copy.
 */
export function trimPadding(bytes: Uint8Array): TrimmedBytes {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return { bytes: bytes.subarray(0, end), length: bytes.length };
}

/** Gives back the bytes that `trimPadding` was given. Refuses a length shorter than the bytes, or one over 64 KiB. */
export function restorePadding(trimmed: TrimmedBytes): Uint8Array {
  if (!Number.isInteger(trimmed.length) || trimmed.length < trimmed.bytes.length || trimmed.length > 65_536) {
    throw new RangeError('A trimmed value was shorter than its bytes or longer than any hash.');
  }
  const whole = new Uint8Array(trimmed.length);
  whole.set(trimmed.bytes);
  return whole;
}
