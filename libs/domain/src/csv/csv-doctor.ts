import { emptyRow, type OrderRow, type RowRefusal } from '../order-row.js';
import { cleanCell } from './clean-cell.js';
import { note, type Correction } from './corrections.js';
import type { CsvLayout } from './read-header.js';
import { splitCells } from './split-cells.js';

/** What a line says, and what was changed to read it; or why it cannot be read. */
export type RowReading = { ok: true; row: OrderRow; corrections: Correction[] } | { ok: false; refusal: RowRefusal };

/** A clean line costs no list of its own. */
const nothingChanged: Correction[] = [];

const splitMessages = {
  'csv.unterminated-quote': 'A quotation mark is not closed on the line on which it was opened.',
  'csv.stray-quote': 'There is text behind a closing quotation mark.',
} as const;

/**
 * Reads the lines of a file that is not quite as it should be: what is harmless is put right and noted, and only what could be read
 * in two ways is refused. A clean line takes the short way.
 *
 * @param line without its line end
 * @param plain whether the line holds ASCII and nothing else
 */
export function readLine(layout: CsvLayout, line: string, plain: boolean): RowReading {
  const split = splitCells(line, layout.separator);
  if (!split.ok) return refused(split.refusal, splitMessages[split.refusal]);
  const { cells, quoted } = split.value;
  const { columns } = layout;
  const noted: Correction[] = [];
  if (quoted) note(noted, 'quotes');
  if (cells.length > columns.length) {
    if (cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
      return refused('csv.too-many-cells', `The line has ${cells.length} cells, the header ${columns.length}.`);
    }
    note(noted, 'spare-cells');
  }
  const row = emptyRow();
  for (let index = 0; index < columns.length; index += 1) {
    const field = columns[index]!;
    const cell = cells[index];
    if (field !== null && cell !== undefined && cell !== '') row[field] = cleanCell(cell, field, plain, noted);
  }
  return { ok: true, row, corrections: noted.length === 0 ? nothingChanged : noted };
}

function refused(code: string, message: string): RowReading {
  return { ok: false, refusal: { verdict: 'malformed', field: null, code, message } };
}
