/** How the characters of a file are written. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** A file's encoding, and how many bytes its mark takes. */
export interface EncodingFound {
  encoding: Encoding;
  markBytes: number;
}

/** How many bytes of a file are looked at. */
export const encodingBytes = 512;

/**
 * Tells a file's encoding from its first bytes. Without a mark only UTF-16 shows itself: in text of which most is ASCII every
 * second byte is zero. Bytes that are no UTF-8 are told apart line by line.
 */
export function encodingOf(first: Uint8Array): EncodingFound {
  if (first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  if (first[0] === 0xff && first[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (first[0] === 0xfe && first[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  const zeros: [even: number, odd: number] = [0, 0];
  const pairs = Math.min(first.length, encodingBytes) >> 1;
  for (let at = 0; at < pairs * 2; at += 1) if (first[at] === 0) zeros[at & 1]! += 1;
  if (pairs > 1 && zeros[1] > pairs / 2 && zeros[0] === 0) return { encoding: 'utf-16le', markBytes: 0 };
  if (pairs > 1 && zeros[0] > pairs / 2 && zeros[1] === 0) return { encoding: 'utf-16be', markBytes: 0 };
  return { encoding: 'utf-8', markBytes: 0 };
}
