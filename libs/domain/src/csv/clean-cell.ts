import { note, type Correction } from './corrections.js';
import { repairHash } from './repair-hash.js';
import type { OrderRow } from '../order-row.js';

/** Soft hyphens, joiners, directions and byte order marks: nobody types them and nobody sees them. Controls are refused. */
const hidden = /[\u0080-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g;
/** Blanks that are no blank to a machine. */
const strangeBlanks = /[\u0009\u00a0\u2000-\u200a\u202f\u205f\u3000]/g;
const anyOfThem = new RegExp(`${hidden.source}|${strangeBlanks.source}`);

/** With which characters a spreadsheet begins to calculate. Source: OWASP "CSV Injection". */
export const formulaStart = /^[=+\-@\t\r]/;

/** A text without what nobody sees, and with blanks that are blanks. */
export function visible(text: string): string {
  if (!anyOfThem.test(text)) return text;
  return text.replaceAll(hidden, '').replaceAll(strangeBlanks, ' ');
}

/**
 * The value of a cell, without what nobody meant to be in it. An empty one is no value.
 *
 * @param plain whether the line holds ASCII and nothing else
 */
export function cleanCell(cell: string, field: keyof OrderRow, plain: boolean, noted: Correction[]): string | null {
  const value = field === 'hardwareIdentifier' ? cleanHash(cell, plain, noted) : cleanText(cell, field, noted);
  return value === '' ? null : value;
}

function cleanText(cell: string, field: keyof OrderRow, noted: Correction[]): string {
  const seen = visible(cell);
  const trimmed = seen.trim();
  if (trimmed !== '' && seen !== cell) note(noted, 'hidden-characters', field);
  if (trimmed !== '' && trimmed !== seen) note(noted, 'blanks', field);
  if (!trimmed.startsWith("'") || !formulaStart.test(trimmed.slice(1))) return trimmed;
  note(noted, 'formula-mark', field);
  return trimmed.slice(1);
}

/**
 * A hash has thousands of characters, so it is looked through only where something shows: a clean one is ASCII without a blank,
 * and four divides its length.
 */
function cleanHash(cell: string, plain: boolean, noted: Correction[]): string {
  const field = 'hardwareIdentifier';
  const trimmed = cell.trim();
  if (trimmed !== '' && trimmed !== cell) note(noted, 'blanks', field);
  if (plain && trimmed.length % 4 === 0 && !trimmed.includes(' ') && !trimmed.includes('\t')) return trimmed;
  const seen = visible(trimmed);
  if (seen !== trimmed) note(noted, 'hidden-characters', field);
  const joined = seen.replaceAll(' ', '');
  if (joined !== seen) note(noted, 'hash-blanks', field);
  const repaired = repairHash(joined);
  if (repaired !== joined) note(noted, 'hash-padding', field);
  return repaired;
}
