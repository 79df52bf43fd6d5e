import { namesOnFile, resolveOnFile, type OrderRow } from '@groundcrew/domain';
import { findOnFile, type FoundOnFile } from '@groundcrew/persistence/without-orm';
import type pg from 'pg';
import type { DecisionTools } from '../registration/decide-chunk.js';
import { digestOfName, type NamedRow, type Resolution } from './names-on-file.js';

/**
 * Looks for rows without a hash among the makers' uploads, all at once. A product key id names one device and goes before a tuple.
 * The hash stays in the worker: it is opened here, and sealed again for whoever gets the device.
 */
export async function resolveNamedRows(
  pool: pg.Pool,
  rows: readonly NamedRow[],
  tools: Pick<DecisionTools, 'digests' | 'sealer'>,
): Promise<Resolution[]> {
  if (rows.length === 0) return [];
  const named = rows.map(({ line, row }) => {
    const { productKey, tuple } = namesOnFile(row);
    return { line, row, digest: digestOfName(productKey ?? tuple, tools)! };
  });
  const found = await findOnFile(
    pool,
    tools.sealer,
    named.map(({ digest }) => digest),
  );
  return named.map(({ line, row, digest }) => resolutionOf(line, row, found.get(digest)));
}

function resolutionOf(line: number, row: OrderRow, found: FoundOnFile | undefined): Resolution {
  const decision = resolveOnFile(found ?? { devices: 0, superseded: false });
  if (!decision.ok) return { line, refusal: decision.refusal };
  return { line, row, hash: found!.hash! };
}
