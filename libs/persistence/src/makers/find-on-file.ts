import { restorePadding } from '@groundcrew/matching';
import type pg from 'pg';
import { uuidArray } from '../bulk/binary-arrays.js';
import type { Sealer } from '../sealing.js';
import { hardwareContext } from './hardware-upload.js';

/** What makers have on file under one digest. */
export interface FoundOnFile {
  devices: number;
  superseded: boolean;
  /** The hash as it was uploaded, where there is one device; for the worker's eyes alone. */
  hash: Uint8Array | null;
}

/** Looks for devices among all makers' uploads, as a set. A digest under which nothing is on file is not in the answer. */
export async function findOnFile(
  pool: pg.Pool,
  sealer: Sealer,
  digests: readonly string[],
): Promise<Map<string, FoundOnFile>> {
  const found = new Map<string, FoundOnFile>();
  if (digests.length === 0) return found;
  const { rows } = await pool.query<{
    digest: string;
    partner_id: string;
    device_digest: string;
    superseded: boolean;
    sealed: Buffer;
    original_length: number;
  }>({
    name: 'find_on_file',
    text: `select digest, partner_id, device_digest, superseded, sealed, original_length from registry.find_on_file($1::uuid[])`,
    values: [[...new Set(digests)]],
  });
  for (const row of rows) {
    const before = found.get(row.digest);
    found.set(row.digest, {
      devices: (before?.devices ?? 0) + 1,
      superseded: row.superseded,
      hash: before === undefined ? opened(row, sealer) : null,
    });
  }
  return found;
}

function opened(
  row: { partner_id: string; device_digest: string; sealed: Buffer; original_length: number },
  sealer: Sealer,
): Uint8Array {
  const bytes = sealer.open(row.sealed, hardwareContext(row.partner_id, row.device_digest));
  return restorePadding({ bytes, length: row.original_length });
}

/** Devices were registered by their hash: other hardware that is on file under the same strings was superseded by a repair. */
export async function supersedeOnFile(
  client: pg.PoolClient,
  devices: readonly { tupleDigest: string; deviceDigest: string }[],
): Promise<void> {
  if (devices.length === 0) return;
  await client.query({
    name: 'supersede_on_file',
    text: 'select registry.supersede_on_file($1::uuid[], $2::uuid[])',
    values: [uuidArray(devices.map((each) => each.tupleDigest)), uuidArray(devices.map((each) => each.deviceDigest))],
  });
}
