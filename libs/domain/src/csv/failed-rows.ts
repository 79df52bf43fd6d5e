import { columnLabels, orderRowFields, type OrderRow } from '../order-row.js';
import { formulaStart } from './clean-cell.js';
import { isBase64Text } from './repair-hash.js';
import { failedRowColumns, type CsvLayout } from './read-header.js';
import { splitCells } from './split-cells.js';

/** What is said about a failed row beside its own cells. */
export interface RowFault {
  code: string;
  fix: string;
}

/** The first line of a file of failed rows: the columns as they were sent, then what was wrong and what to do. */
export function failedRowsHeader(layout: Pick<CsvLayout, 'names'>): string {
  return csvLine([...kept(layout).map(([name]) => name), ...failedRowColumns]);
}

/**
 * A failed row as it was sent, with its code and what to do. No spreadsheet calculates anything in it: a text that begins like a
 * formula gets an apostrophe before it, in every column but that of the hash, where nothing but base64 goes without.
 *
 * @param line the row as it arrived, without its line end
 */
export function failedRowLine(layout: CsvLayout, line: string, fault: RowFault): string {
  const split = splitCells(line, layout.separator);
  // What cannot be cut into cells is handed back whole, to be looked at.
  const cells = split.ok ? split.value.cells : [line];
  const own = split.ok ? kept(layout).map(([, index]) => cellOf(layout, cells, index)) : spread(layout, harmless(line));
  return csvLine([...own, harmless(fault.code), harmless(fault.fix)]);
}

/** The first line where rows came without columns: each field under its usual name. */
export const failedRowsHeaderOfFields = csvLine([
  ...orderRowFields.map((field) => columnLabels[field][0]!),
  ...failedRowColumns,
]);

/** A failed row that came without columns, in those of `failedRowsHeaderOfFields`. */
export function failedRowOfFields(row: OrderRow, fault: RowFault): string {
  const cells = orderRowFields.map((field) => {
    const text = row[field] ?? '';
    return field === 'hardwareIdentifier' ? harmlessUnlessHash(text) : harmless(text);
  });
  return csvLine([...cells, harmless(fault.code), harmless(fault.fix)]);
}

/** Puts cells into a line; those that need quotation marks get them. */
export function csvLine(cells: readonly string[]): string {
  return (
    cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',') + '\r\n'
  );
}

/** An apostrophe keeps a spreadsheet from calculating. Source: OWASP "CSV Injection". */
export function harmless(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text;
}

function harmlessUnlessHash(text: string): string {
  return isBase64Text(text) ? text : harmless(text);
}

function cellOf(layout: CsvLayout, cells: readonly string[], index: number): string {
  const cell = cells[index] ?? '';
  return layout.columns[index] === 'hardwareIdentifier' ? harmlessUnlessHash(cell) : harmless(cell);
}

/** The columns that are handed back: those of an earlier file of failed rows are written anew. */
function kept(layout: Pick<CsvLayout, 'names'>): [name: string, index: number][] {
  return layout.names
    .map((name, index): [string, number] => [harmless(name), index])
    .filter(([name]) => !(failedRowColumns as readonly string[]).includes(name));
}

function spread(layout: CsvLayout, text: string): string[] {
  return [text, ...Array.from({ length: Math.max(0, kept(layout).length - 1) }, () => '')];
}
