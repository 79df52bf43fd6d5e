import { verdicts, type Verdict } from '@groundcrew/domain';
import type pg from 'pg';
import { failedRowsContext, partContext, type Sealer } from '../sealing.js';

/** For how long a failed row may be fetched. */
export const failedRowsDays = 30;

/** When rows of a chunk fail. */
export const failureMoments = { decided: 1, refused: 2 } as const;
type FailureMoment = keyof typeof failureMoments;

/** The rows of a part as they arrived. */
export interface ArrivedPart {
  body: Buffer;
  /** The number of its first line. */
  firstLine: number;
}

interface Chunk {
  runId: string;
  tenantId: string;
  chunk: number;
}

/** Whether the row did not end as its sender wished: then it is his again, to mend it and send it once more. */
export function isKept({ verdict }: { verdict: Verdict }): boolean {
  return !verdicts[verdict].accepted;
}

/** Keeps these lines of a part as they arrived, sealed, in the transaction that gives them their verdicts. */
export async function keepFailedRows(
  client: pg.PoolClient,
  key: Chunk,
  moment: FailureMoment,
  lines: readonly number[],
  part: ArrivedPart,
  sealer: Sealer,
): Promise<void> {
  if (lines.length === 0) return;
  const kept = linesOf(part, new Set(lines));
  const place = { ...key, moment: failureMoments[moment] };
  await client.query({
    name: 'keep_failed_rows',
    text: `insert into registry.failed_rows (run_id, chunk, moment, tenant_id, requested_by, lines, sealed, expires_at)
           select r.id, $2, $3, r.tenant_id, r.requested_by, $4, $5, clock_timestamp() + make_interval(days => $6)
           from registry.run r where r.id = $1`,
    values: [
      key.runId,
      key.chunk,
      place.moment,
      kept.map(({ line }) => line),
      sealer.seal(Buffer.concat(kept.map(({ bytes }) => Buffer.concat([bytes, newline]))), failedRowsContext(place)),
      failedRowsDays,
    ],
  });
}

/** The same where the part is not at hand: it lies sealed until its chunk is settled. */
export async function keepRefusedRows(
  client: pg.PoolClient,
  key: Chunk,
  lines: readonly number[],
  sealer: Sealer,
): Promise<void> {
  if (lines.length === 0) return;
  const { rows } = await client.query<{ body: Buffer; first_line: number }>(
    'select body, first_line from registry.intake_part where intake_id = $1 and number = $2',
    [key.runId, key.chunk],
  );
  const part = rows[0];
  if (part === undefined) return;
  const body = sealer.open(part.body, partContext(key.runId, key.chunk));
  await keepFailedRows(client, key, 'refused', lines, { body, firstLine: part.first_line }, sealer);
}

const newline = Buffer.of(10);

function linesOf({ body, firstLine }: ArrivedPart, wanted: ReadonlySet<number>): { line: number; bytes: Buffer }[] {
  const found: { line: number; bytes: Buffer }[] = [];
  let line = firstLine;
  for (let start = 0; start < body.length; line += 1) {
    const end = body.indexOf(10, start);
    const bytes = body.subarray(start, end === -1 ? body.length : end);
    start += bytes.length + 1;
    if (wanted.has(line)) found.push({ line, bytes });
  }
  return found;
}
