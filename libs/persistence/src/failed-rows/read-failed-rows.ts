import type { RunItem } from '../rows/run.row.js';
import { RunItemRow } from '../rows/run.row.js';
import type { Unit } from '../scope/with-scope.js';
import { failedRowsContext, type Sealer } from '../sealing.js';

/** A failed row as it was sent, with its verdict. */
export interface FailedRow {
  line: number;
  bytes: Buffer;
  item: RunItem;
}

/** The failed rows of the first chunk after this one, in the order of the file; null where there is none. */
export async function nextFailedRows(
  unit: Unit,
  runId: string,
  after: number,
  sealer: Sealer,
): Promise<{ chunk: number; rows: FailedRow[] } | null> {
  const kept = await unit.query<{ chunk: number; moment: number; lines: number[]; sealed: Buffer }>(
    `select chunk, moment, lines, sealed from registry.failed_rows
     where run_id = $1 and expires_at > now()
       and chunk = (select min(chunk) from registry.failed_rows where run_id = $1 and chunk > $2 and expires_at > now())`,
    [runId, after],
  );
  if (kept.length === 0) return null;
  const arrived = new Map<number, Buffer>();
  for (const { chunk, moment, lines, sealed } of kept) {
    const text = sealer.open(sealed, failedRowsContext({ runId, chunk, moment }));
    let start = 0;
    for (const line of lines) {
      const end = text.indexOf(10, start);
      arrived.set(line, text.subarray(start, end));
      start = end + 1;
    }
  }
  const items = await unit.em.find(
    RunItemRow,
    { runId, line: { $in: [...arrived.keys()] } },
    { orderBy: { line: 'asc' } },
  );
  return {
    chunk: kept[0]!.chunk,
    rows: items.map((item) => ({ line: item.line, bytes: arrived.get(item.line)!, item })),
  };
}
