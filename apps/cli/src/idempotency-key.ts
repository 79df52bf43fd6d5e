import { randomUUID } from 'node:crypto';
import { Option } from 'commander';
import { UsageError } from './usage.error.js';

/** The option of every command that changes something. */
export function keyOption(): Option {
  return new Option(
    '--key <key>',
    'idempotency key; the same call with the same key is done once and gives the first answer again',
  );
}

/** The key that the user brought, or a fresh one. */
export function keyOf(given: string | undefined): string {
  if (given === undefined) return randomUUID();
  if (!/^[\x21-\x7e]{1,255}$/.test(given)) throw new UsageError('--key takes 1 to 255 visible ASCII characters.');
  return given;
}
