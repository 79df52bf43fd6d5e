import { fieldOfColumn, orderRowFields, textOrNull, type OrderRow, type RowRefusal } from '@groundcrew/domain';
import { recordLimit } from '@groundcrew/persistence';
import Papa from 'papaparse';

/** One record of a part: a row, or what is wrong with it. */
export type ReadRow = { line: number } & ({ ok: true; row: OrderRow } | { ok: false; refusal: RowRefusal });

export interface PartFormat {
  format: 'json' | 'jsonl' | 'csv';
  csvHeader: string | null;
  /** The number of the part's first physical line. */
  firstLine: number;
}

/**
 * Reads the records of a part, in order. A record is one physical line; blank lines are no records but count as lines. A record
 * that cannot be read is a result like any other.
 */
export function* readRows(part: Buffer, format: PartFormat): Generator<ReadRow> {
  const read = format.format === 'csv' ? csvReader(format.csvHeader ?? '') : readJson;
  let line = format.firstLine;
  for (let start = 0; start < part.length; line += 1) {
    const newline = part.indexOf(10, start);
    const end = newline === -1 ? part.length : newline;
    const length = end - start;
    const text = length > recordLimit ? null : part.toString('utf8', start, end);
    start = end + 1;
    if (text === null) {
      yield { line, ok: false, refusal: malformed(`The record is longer than ${recordLimit} bytes.`) };
    } else if (text.trim() !== '') {
      yield { line, ...read(text.endsWith('\r') ? text.slice(0, -1) : text) };
    }
  }
}

type RowResult = { ok: true; row: OrderRow } | { ok: false; refusal: RowRefusal };

function readJson(text: string): RowResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, refusal: malformed('The line is not JSON.') };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, refusal: malformed('The line is not a JSON object.') };
  }
  const row = emptyRow();
  for (const field of orderRowFields) {
    const given = (value as Record<string, unknown>)[field];
    if (given === undefined || given === null) continue;
    if (typeof given !== 'string') {
      return { ok: false, refusal: { verdict: 'malformed', field, message: `${field} must be text.` } };
    }
    row[field] = textOrNull(given);
  }
  return { ok: true, row };
}

function csvReader(header: string): (text: string) => RowResult {
  const fields = cellsOf(header).map(fieldOfColumn);
  return (text) => {
    const cells = cellsOf(text);
    if (cells.length > fields.length) {
      return { ok: false, refusal: malformed(`The line has ${cells.length} cells, the header ${fields.length}.`) };
    }
    const row = emptyRow();
    for (const [index, field] of fields.entries()) {
      if (field !== null) row[field] = textOrNull(cells[index]);
    }
    return { ok: true, row };
  };
}

function cellsOf(text: string): string[] {
  // Hashes are long and hardly anybody quotes them: the parser is asked only where there is something to parse.
  if (!text.includes('"')) return text.split(',');
  return Papa.parse<string[]>(text, { delimiter: ',', header: false }).data[0] ?? [];
}

function emptyRow(): OrderRow {
  return {
    manufacturer: null,
    model: null,
    serialNumber: null,
    productKey: null,
    hardwareIdentifier: null,
    groupTag: null,
    purchaseOrderIdentifier: null,
  };
}

function malformed(message: string): RowRefusal {
  return { verdict: 'malformed', field: null, message };
}
