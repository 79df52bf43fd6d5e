import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Query, Resendable } from '../api/api-client.js';
import { UsageError } from '../usage.error.js';
import { jsonOrderOf } from './json-order.js';

export const orderFormats = ['json', 'jsonl', 'csv'] as const;
export type OrderFormat = (typeof orderFormats)[number];

/** What the service takes as one JSON document. Above it there is no limit in the other two formats. */
export const mostJsonBytes = 8 * 1024 * 1024;

const contentTypes: Record<OrderFormat, string> = {
  json: 'application/json',
  jsonl: 'application/jsonl',
  csv: 'text/csv',
};

const formatOfExtension: Record<string, OrderFormat> = {
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
};

/** What the user says about an order beside its rows. */
export interface OrderTerms {
  tenantId: string;
  purchaseOrderIdentifier?: string;
  groupTag?: string;
  batchId?: string;
  /** Verdicts alone. */
  validateOnly?: true;
}

/** An order that is ready to be sent, as often as it takes. */
export interface OrderUpload {
  path: string;
  format: OrderFormat;
  body: Resendable;
  query: Query;
  bytes: number;
}

/**
 * Prepares a file for sending. Large files are only opened when they are sent, and read no faster than the service takes them.
 *
 * @param onSent told how many bytes of the present try have been handed over
 * @throws UsageError where the file cannot be sent as it is
 */
export async function prepareOrder(
  path: string,
  asked: OrderFormat | undefined,
  terms: OrderTerms,
  onSent: (bytes: number) => void,
): Promise<OrderUpload> {
  const format = asked ?? formatOf(path);
  const bytes = await sizeOf(path);
  if (format === 'json') return await jsonUpload(path, bytes, terms);
  return {
    path,
    format,
    body: { contentType: contentTypes[format], open: () => readCounted(path, onSent) },
    query: { ...terms, validateOnly: terms.validateOnly && 'true' },
    bytes,
  };
}

/** Formats that have a row on each line. */
export type RowFormat = Exclude<OrderFormat, 'json'>;

/** Prepares a file of rows: as an order, but without an envelope. @throws UsageError where the file cannot be sent as it is */
export async function prepareRows(
  path: string,
  asked: RowFormat | undefined,
  onSent: (bytes: number) => void,
): Promise<{ body: Resendable; bytes: number }> {
  const format = asked ?? formatOf(path);
  if (format === 'json')
    throw new UsageError(`'${path}' is one JSON document. Give it as JSON Lines, one device a line.`);
  const bytes = await sizeOf(path);
  return { body: { contentType: contentTypes[format], open: () => readCounted(path, onSent) }, bytes };
}

function formatOf(path: string): OrderFormat {
  const format = formatOfExtension[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new UsageError(`The name '${path}' does not tell the format. Give --format json, jsonl or csv.`);
  }
  return format;
}

/** How large a file is. @throws UsageError where it is none that could be read twice */
export async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    // A pipe could not be read a second time when the connection breaks.
    if (!found.isFile()) throw new UsageError(`'${path}' is not a file.`);
    return found.size;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function jsonUpload(path: string, bytes: number, terms: OrderTerms): Promise<OrderUpload> {
  if (bytes > mostJsonBytes) throw tooLarge(path, bytes);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const body = JSON.stringify(jsonOrderOf(text, path, terms));
  const bodyBytes = Buffer.byteLength(body);
  if (bodyBytes > mostJsonBytes) throw tooLarge(path, bodyBytes);
  const upload = { contentType: contentTypes.json, open: () => body };
  return { path, format: 'json', body: upload, query: {}, bytes: bodyBytes };
}

/** A file's bytes, told how many have been handed over. */
export async function* readCounted(path: string, onSent: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let sent = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      yield chunk as Uint8Array;
      sent += (chunk as Uint8Array).length;
      onSent(sent);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

function tooLarge(path: string, bytes: number): UsageError {
  const megabytes = (bytes / 1024 / 1024).toFixed(1);
  return new UsageError(
    `'${path}' has ${megabytes} MB; as one JSON document an order has at most 8 MB. ` +
      `Send it as JSON Lines, one device a line, which has no limit: jq -c '.devices[]' FILE > FILE.jsonl`,
  );
}

/** Why a file cannot be read, in words. */
export function unreadable(path: string, error: unknown): Error {
  if (error instanceof UsageError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'no right to read it' : code;
  return new UsageError(`'${path}' cannot be read: ${reason}.`);
}
