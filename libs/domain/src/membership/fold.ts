/**
 * How texts are made comparable: case, composition and damaged characters say nothing. It is done here and nowhere else: the writer
 * stores what comes out, and every comparison, in JavaScript and in PostgreSQL, is of folded texts, byte for byte.
 *
 * Each code point is folded for itself (lower, upper, lower again), so that a part of a text folds as it does within the whole: a
 * prefix stays a prefix. `Σ`, `σ` and `ς` are one letter, `ß` is `ss`.
 */
export function foldText(text: string): string {
  // What nearly every text is: printable ASCII, of which each letter is folded by itself.
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  let folded = '';
  for (const point of text.normalize('NFC')) folded += foldPoint(point);
  return folded.normalize('NFC');
}

/** Changes when `foldText` does: what was stored under another number has to be folded again. */
export const foldVersion = 1;

const replacement = '\uFFFD';

/** What PostgreSQL cannot store, half a surrogate pair and NUL, is the replacement character on both sides. */
function foldPoint(point: string): string {
  const code = point.codePointAt(0)!;
  if (code === 0 || (code >= 0xd800 && code <= 0xdfff)) return replacement;
  return point.toLowerCase().toUpperCase().toLowerCase();
}
