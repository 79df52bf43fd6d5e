import type pg from 'pg';
import type { CorrectedLine } from '../registration/chunk-decision.js';

/** Writes down what was changed to read a chunk's lines, beside their verdicts. */
export async function insertCorrections(
  client: pg.PoolClient,
  run: { runId: string; tenantId: string },
  lines: readonly CorrectedLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await client.query({
    name: 'insert_corrections',
    text: `insert into registry.run_correction (run_id, line, tenant_id, corrections)
           select $1, w.line, $2, w.corrections from unnest($3::integer[], $4::jsonb[]) as w (line, corrections)
           on conflict do nothing`,
    values: [
      run.runId,
      run.tenantId,
      lines.map(({ line }) => line),
      lines.map(({ corrections }) => JSON.stringify(corrections)),
    ],
  });
}
