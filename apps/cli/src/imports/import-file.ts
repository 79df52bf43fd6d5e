import { extname } from 'node:path';
import type { Resendable } from '../api/api-client.js';
import { readCounted, sizeOf } from '../orders/order-file.js';
import { UsageError } from '../usage.error.js';

export const importFormats = ['csv', 'jsonl', 'xml'] as const;
export type ImportFormat = (typeof importFormats)[number];

const contentTypes: Record<ImportFormat, string> = {
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  xml: 'application/xml',
};

const formatOfExtension: Record<string, ImportFormat> = {
  '.csv': 'csv',
  '.txt': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.xml': 'xml',
};

/** A file that is ready to be sent, as often as it takes. */
export interface ImportFile {
  path: string;
  format: ImportFormat;
  bytes: number;
  body: Resendable;
}

/**
 * Prepares a file for sending: it is read when it is sent, and no faster than the service takes it. What is wrong with it is for the
 * service to say.
 *
 * @throws UsageError where the file cannot be sent
 */
export async function prepareImport(
  path: string,
  asked: ImportFormat | undefined,
  onSent: (bytes: number) => void,
): Promise<ImportFile> {
  const format = asked ?? formatOfExtension[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new UsageError(`The name '${path}' does not tell the format. Give --format ${importFormats.join(', ')}.`);
  }
  const bytes = await sizeOf(path);
  return { path, format, bytes, body: { contentType: contentTypes[format], open: () => readCounted(path, onSent) } };
}
