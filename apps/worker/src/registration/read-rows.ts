import {
  cleanCell,
  emptyRow,
  note,
  orderRowFields,
  partnerCenterNames,
  readHeader,
  readLine,
  type Correction,
  type OrderRow,
  type RowReading,
  type RowRefusal,
} from '@groundcrew/domain';
import { recordLimit } from '@groundcrew/persistence/without-database';
import { isAscii, isUtf8 } from 'node:buffer';

/** One record of a part: a row with what was changed to read it, or what is wrong with it. */
export type ReadRow = { line: number } & RowReading;

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
  const plain = isAscii(part);
  const read = format.format === 'csv' ? csvReader(format.csvHeader ?? '', plain) : jsonReader(plain);
  // The one encoding beside UTF-8 that people's spreadsheets still write; the intake has seen to it that a file has one of the two.
  const old = format.format === 'csv' && !plain && !isUtf8(part) ? new TextDecoder('windows-1252') : null;
  for (const { line, bytes } of linesOf(part, format.firstLine)) {
    if (bytes.length > recordLimit) {
      yield { line, ok: false, refusal: malformed(`The record is longer than ${recordLimit} bytes.`) };
      continue;
    }
    const isOld = old !== null && !isUtf8(bytes);
    // ASCII is the same in both, and copied as it is.
    const text = isOld ? old.decode(bytes) : bytes.toString(plain ? 'latin1' : 'utf8');
    if (text.trim() === '') continue;
    const reading = read(text.endsWith('\r') ? text.slice(0, -1) : text);
    if (isOld && reading.ok) {
      const corrections = [...reading.corrections];
      note(corrections, 'windows-1252');
      yield { line, ...reading, corrections };
    } else yield { line, ...reading };
  }
}

/** The physical lines of a part, each with its number. */
export function* linesOf(part: Buffer, firstLine: number): Generator<{ line: number; bytes: Buffer }> {
  let line = firstLine;
  for (let start = 0; start < part.length; line += 1) {
    const newline = part.indexOf(10, start);
    const end = newline === -1 ? part.length : newline;
    yield { line, bytes: part.subarray(start, end) };
    start = end + 1;
  }
}

function jsonReader(plain: boolean): (text: string) => RowReading {
  return (text) => {
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
    const corrections: Correction[] = [];
    for (const field of orderRowFields) {
      const given = givenOf(value as Record<string, unknown>, field);
      if (given === undefined || given === null) continue;
      if (typeof given !== 'string') {
        return { ok: false, refusal: { verdict: 'malformed', field, message: `${field} must be text.` } };
      }
      row[field] = cleanCell(given, field, plain && !text.includes('\\u'), corrections);
    }
    return { ok: true, row, corrections };
  };
}

/** A field under our name, or under Partner Center's. */
function givenOf(value: Record<string, unknown>, field: keyof OrderRow): unknown {
  const given = value[field];
  if (given !== undefined) return given;
  const otherwise = partnerCenterNames[field];
  return otherwise === undefined ? undefined : value[otherwise];
}

function csvReader(header: string, plain: boolean): (text: string) => RowReading {
  const layout = readHeader(header);
  if (!layout.ok) return () => ({ ok: false, refusal: malformed(layout.refusal.message) });
  return (text) => readLine(layout.value, text, plain);
}

function malformed(message: string): RowRefusal {
  return { verdict: 'malformed', field: null, message };
}
