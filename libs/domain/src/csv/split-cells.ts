import { accept, refuse, type Decision } from '../decision.js';

/** Characters that part cells, the usual one first. */
export const separators = [',', ';', '\t', '|'] as const;
export type Separator = (typeof separators)[number];

/** Why a line cannot be cut into cells without guessing. */
export type SplitRefusal = 'csv.unterminated-quote' | 'csv.stray-quote';

/** The cells of a line, and whether quotation marks were taken off. */
export interface Cells {
  cells: string[];
  quoted: boolean;
}

/**
 * Cuts one line into its cells. A record is one physical line, so a quotation mark that is open at its end is refused: the text
 * behind it could be anything. A mark in the middle of a bare text is part of the text.
 */
export function splitCells(line: string, separator: Separator): Decision<Cells, SplitRefusal> {
  // Hashes are long and hardly anybody quotes them: only what has a mark is read character by character.
  if (!line.includes('"')) return accept({ cells: line.split(separator), quoted: false });
  const cells: string[] = [];
  let quoted = false;
  let at = 0;
  for (;;) {
    const open = quoteAt(line, at);
    if (open === -1) {
      const end = line.indexOf(separator, at);
      cells.push(line.slice(at, end === -1 ? line.length : end));
      if (end === -1) break;
      at = end + 1;
      continue;
    }
    const close = closingQuote(line, open + 1);
    if (close === -1) return refuse('csv.unterminated-quote');
    const end = line.indexOf(separator, close + 1);
    const rest = line.slice(close + 1, end === -1 ? line.length : end);
    if (rest.trim() !== '') return refuse('csv.stray-quote');
    quoted = true;
    cells.push(line.slice(open + 1, close).replaceAll('""', '"'));
    if (end === -1) break;
    at = end + 1;
  }
  return accept({ cells, quoted });
}

/** Where the cell that begins here has its opening mark; blanks may stand before it. -1 where it is a bare text. */
function quoteAt(line: string, start: number): number {
  let at = start;
  while (line[at] === ' ') at += 1;
  return line[at] === '"' ? at : -1;
}

function closingQuote(line: string, start: number): number {
  for (let at = line.indexOf('"', start); at !== -1; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at;
  }
  return -1;
}
