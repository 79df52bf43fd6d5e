import type { Correction } from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** What was changed to read a line. */
export interface CorrectionRecord {
  line: number;
  corrections: Correction[];
}

/** The lines of a run that were not read as they stand, in the order of the file. */
export async function listCorrections(
  unit: Unit,
  runId: string,
  page: Keyset<number>,
): Promise<Slice<CorrectionRecord>> {
  const found = await unit.query<CorrectionRecord>(
    `select line, corrections from registry.run_correction where run_id = $1 and line > $2 order by line limit $3`,
    [runId, page.after ?? -1, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}
