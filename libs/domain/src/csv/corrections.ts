import type { OrderRow } from '../order-row.js';

/**
 * What the doctor changes to be able to read a file. Each of these is harmless: it takes away what nobody meant, and no other
 * reading of the line is possible. Source: domain.md 1.4, documented causes of failed imports.
 */
export const corrections = {
  'byte-order-mark': 'The byte order mark before the first line was left out.',
  'utf-16': 'The file is UTF-16 and was read as such.',
  'line-ends': 'The lines end in a carriage return alone and were read as lines.',
  separator: 'The cells are separated by another character than a comma.',
  'separator-line': "The spreadsheet's line that names the separator was left out.",
  'header-names': 'Column names were read without regard to case, blanks and punctuation.',
  'column-order': 'The columns stand in another order than in the form they belong to.',
  'spare-columns': 'Columns that nobody knows here were left out.',
  'windows-1252': 'The line is not UTF-8 and was read as Windows-1252.',
  quotes: 'Quotation marks around cells were taken off.',
  blanks: 'Blanks around the text were taken off.',
  'hidden-characters': 'Characters that nobody sees were taken out.',
  'formula-mark': 'The apostrophe that keeps a spreadsheet from calculating was taken off.',
  'hash-padding': 'The hardware hash was completed with its padding.',
  'hash-blanks': 'Blanks inside the hardware hash were taken out.',
  'spare-cells': 'Empty cells behind the last column were left out.',
} as const;
export type CorrectionCode = keyof typeof corrections;
export const correctionCodes = Object.keys(corrections) as CorrectionCode[];

/** One thing that was changed in a line, with the field where it was one. */
export interface Correction {
  code: CorrectionCode;
  field?: keyof OrderRow;
}

/** Adds a correction unless it is there already. */
export function note(noted: Correction[], code: CorrectionCode, field?: keyof OrderRow): void {
  if (noted.some((each) => each.code === code && each.field === field)) return;
  noted.push(field === undefined ? { code } : { code, field });
}
