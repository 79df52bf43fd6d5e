import {
  emptyRow,
  failedRowLine,
  failedRowOfFields,
  failedRowsHeader,
  failedRowsHeaderOfFields,
  orderRowFields,
  readHeader,
  type CsvLayout,
  type OrderRow,
  type RowFault,
} from '@groundcrew/domain';
import type { FailedRow, Run } from '@groundcrew/persistence';
import { isUtf8 } from 'node:buffer';
import type { Caller } from '../identity/caller.js';
import { toRunItemView } from '../runs/run.view.js';

/** A run's failed rows as a CSV: the columns as they were sent, then what was wrong and what to do. */
export class FailedRowsFile {
  readonly #layout: CsvLayout | null;
  readonly #reader: Pick<Caller, 'tenantId' | 'isOperator'>;

  constructor(run: Pick<Run, 'csvHeader'>, reader: Pick<Caller, 'tenantId' | 'isOperator'>) {
    const layout = run.csvHeader === null || run.csvHeader === undefined ? null : readHeader(run.csvHeader);
    this.#layout = layout?.ok ? layout.value : null;
    this.#reader = reader;
  }

  get header(): string {
    return this.#layout === null ? failedRowsHeaderOfFields : failedRowsHeader(this.#layout);
  }

  line({ bytes, item }: FailedRow): string {
    const text = textOf(bytes);
    const fault = this.#faultOf(item);
    if (this.#layout !== null) return failedRowLine(this.#layout, text, fault);
    return failedRowOfFields(rowOf(text), fault);
  }

  #faultOf(item: FailedRow['item']): RowFault {
    const { verdict, number, code, message, repeats, next } = toRunItemView(item, this.#reader);
    return {
      code: [verdict, code, number].filter((part) => part !== null).join(' '),
      fix: [message, repeats === null ? null : `It repeats line ${repeats}.`, next]
        .filter((part) => part !== null)
        .join(' '),
    };
  }
}

/** What the row reader of the worker would have seen. */
function textOf(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : new TextDecoder('windows-1252').decode(bytes);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** The fields of a JSON row, as far as it has any. What is no row at all comes back whole, in the first column. */
function rowOf(text: string): OrderRow {
  const row = emptyRow();
  const value = parsed(text);
  if (value === null) return { ...row, [orderRowFields[0]]: text };
  for (const field of orderRowFields) {
    const given = value[field];
    if (given !== undefined && given !== null) row[field] = typeof given === 'string' ? given : JSON.stringify(given);
  }
  return row;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
