import { mediaTypeOf } from '../idempotency/commands.js';
import type { Call } from '../routes/operation.js';

/** Bodies that have a row on each line. */
export const rowFormats = {
  'application/jsonl': 'jsonl',
  'application/x-ndjson': 'jsonl',
  'text/csv': 'csv',
} as const;

/** What a body is, by its media type. @throws ProblemError where it is none of these */
export function formatOf<Formats extends Record<string, string>>(
  call: Call<unknown>,
  formats: Formats,
): Formats[keyof Formats] {
  return formats[mediaTypeOf(call, Object.keys(formats) as (keyof Formats & string)[])];
}
