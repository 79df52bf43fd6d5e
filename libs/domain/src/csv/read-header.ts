import { accept, refuse, type Decision } from '../decision.js';
import { columnLabels, fieldOfColumn, type OrderRow } from '../order-row.js';
import { visible } from './clean-cell.js';
import { note, type Correction } from './corrections.js';
import { isUsualOrder } from './csv-forms.js';
import { separators, splitCells, type Separator } from './split-cells.js';

/** How a file's lines are read: what its header says. */
export interface CsvLayout {
  separator: Separator;
  /** The field that each column brings; null where nobody knows it. */
  columns: (keyof OrderRow | null)[];
  /** The columns as they are called in the file. */
  names: string[];
  corrections: Correction[];
}

export type HeaderRefusalCode =
  | 'csv.unterminated-quote'
  | 'csv.stray-quote'
  | 'csv.ambiguous-separator'
  | 'csv.ambiguous-column'
  | 'csv.columns-missing';

export interface HeaderRefusal {
  code: HeaderRefusalCode;
  message: string;
}

/** What we add to a file of failed rows; when it is sent again they say nothing. */
export const failedRowColumns = ['Code', 'Fix'] as const;

/** A line by which a spreadsheet names the separator of the lines below it. */
export function isSeparatorLine(line: string): boolean {
  return /^\uFEFF?"?sep=.?"?\s*$/i.test(line);
}

/** Reads the first line of a file. It is refused only where it could be read in two ways, or does not say what is needed. */
export function readHeader(line: string): Decision<CsvLayout, HeaderRefusal> {
  const read = separators.map((separator) => layoutOf(line, separator));
  const usable = read.filter((each) => each.ok).map((each) => each.value);
  // A header of one column is the same under every separator.
  if (usable.length > 1 && usable.every(({ names }) => names.length === 1)) usable.length = 1;
  const most = Math.max(...usable.map(({ columns }) => columns.filter((column) => column !== null).length));
  const best = usable.filter(({ columns }) => columns.filter((column) => column !== null).length === most);
  if (best.length === 1) return accept(best[0]!);
  if (best.length > 1) {
    return refuse({ code: 'csv.ambiguous-separator', message: 'The first line can be cut into columns in two ways.' });
  }
  const refusals = read.flatMap((each) => (each.ok ? [] : [each.refusal]));
  return refuse(refusals.find(({ code }) => code !== 'csv.columns-missing') ?? refusals[0]!);
}

function layoutOf(line: string, separator: Separator): Decision<CsvLayout, HeaderRefusal> {
  const split = splitCells(line, separator);
  if (!split.ok) return refuse({ code: split.refusal, message: 'A quotation mark of the first line is not closed.' });
  const noted: Correction[] = [];
  if (separator !== ',' && split.value.cells.length > 1) note(noted, 'separator');
  if (split.value.quoted) note(noted, 'quotes');
  const names = split.value.cells.map((cell) => visible(cell).trim());
  const columns = names.map(fieldOfColumn);
  const fields = columns.filter((column) => column !== null);
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice !== undefined) {
    return refuse({ code: 'csv.ambiguous-column', message: `Two columns of the header name ${twice}.` });
  }
  if (!isComplete(fields)) {
    return refuse({
      code: 'csv.columns-missing',
      message:
        'The first line must name a column for the hardware hash, for the product key id, or for manufacturer, model and serial number.',
    });
  }
  for (const [index, field] of columns.entries()) {
    if (field !== null && !columnLabels[field].includes(split.value.cells[index]!)) note(noted, 'header-names', field);
  }
  if (!isUsualOrder(fields)) note(noted, 'column-order');
  if (columns.some((column, index) => column === null && isSpare(names[index]!))) note(noted, 'spare-columns');
  return accept({ separator, columns, names, corrections: noted });
}

function isSpare(name: string): boolean {
  return name !== '' && !(failedRowColumns as readonly string[]).includes(name);
}

function isComplete(fields: readonly (keyof OrderRow)[]): boolean {
  return (
    fields.includes('hardwareIdentifier') ||
    fields.includes('productKey') ||
    (['manufacturer', 'model', 'serialNumber'] as const).every((field) => fields.includes(field))
  );
}
