import { Command } from 'commander';
import type { CorrectedLineView, RunView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import { tableOf, type Column } from '../output/table.js';
import { factsOfRun, verdictColumns, verdictLinesOf } from '../runs/run-report.js';
import type { Shell } from '../session.js';

const columns: Column<CorrectedLineView>[] = [
  { head: 'LINE', cell: ({ line }) => line, align: 'right' },
  {
    head: 'WHAT WAS CHANGED TO READ IT',
    cell: ({ corrections }) =>
      corrections.map(({ field, message }) => (field === null ? message : `${field}: ${message}`)).join(' '),
  },
];

/** `groundcrew imports show` */
export function importsShow(shell: Shell): Command {
  return withLimit(new Command('show'))
    .description('show an import or an order: its verdicts, and what was changed to read its lines')
    .argument('<run>', 'id of the run')
    .action(async (runId: string, options: ListOptions, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/operations/${encodeURIComponent(runId)}`;
      const run = await client.get<RunView>(path);
      const lines = client.items<CorrectedLineView>(`${path}/corrections`, { maxpagesize: pageSizeOf(options) });
      const corrected = limited(lines, options, report);
      if (report.output === 'json') {
        const corrections: CorrectedLineView[] = [];
        for await (const line of corrected) corrections.push(line);
        report.json({ ...run, corrections });
        return;
      }
      if (report.output === 'table') {
        report.one(run, factsOfRun(run));
        report.text(`\n${tableOf(verdictColumns, verdictLinesOf(run))}\n\nCorrected lines`);
      } else report.json(run);
      await report.many(corrected, columns);
    });
}
