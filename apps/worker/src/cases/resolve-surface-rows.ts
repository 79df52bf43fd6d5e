import { surfaceModels } from '@groundcrew/persistence/without-orm';
import type pg from 'pg';
import type { NamedRow, Resolution } from '../makers/names-on-file.js';

/**
 * The rows of a case name a device by its serial number alone. The model that the maker has on file with it completes the tuple, and
 * from there on they are looked up like any other.
 *
 * @param resolve looks for whole tuples
 */
export async function resolveSurfaceRows(
  pool: pg.Pool,
  rows: readonly NamedRow[],
  resolve: (rows: readonly NamedRow[]) => Promise<Resolution[]>,
): Promise<Resolution[]> {
  const models = await surfaceModels(
    pool,
    rows.map(({ row }) => row.serialNumber!),
  );
  const whole: NamedRow[] = [];
  const refused: Resolution[] = [];
  for (const { line, row } of rows) {
    const [model, ...others] = models.get(row.serialNumber!) ?? [];
    if (model === undefined) refused.push({ line, refusal: notOnFile });
    else if (others.length > 0) refused.push({ line, refusal: notUnique });
    else whole.push({ line, row: { ...row, model } });
  }
  return [...refused, ...(await resolve(whole))];
}

const notOnFile = {
  verdict: 'not_on_file',
  code: 'surface.not-on-file',
  message: 'The maker has no Surface device with this serial number on file.',
} as const;
const notUnique = {
  verdict: 'not_unique',
  code: 'surface.not-unique',
  message: 'The maker has several models with this serial number on file.',
} as const;
