import { Command } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import { stateOf } from '../runs/run-report.js';
import type { Shell } from '../session.js';

const columns: Column<RunView>[] = [
  { head: 'RUN', cell: (run) => run.id },
  { head: 'KIND', cell: (run) => run.kind },
  { head: 'STATE', cell: stateOf },
  { head: 'RECEIVED', cell: (run) => run.received, align: 'right' },
  // What ended without a verdict on anything has an outcome of its own.
  {
    head: 'ACCEPTED',
    cell: (run) => (run.done && run.decided === 0 ? null : run.decided - run.rejected),
    align: 'right',
  },
  { head: 'REJECTED', cell: (run) => run.rejected, align: 'right' },
  { head: 'CREATED', cell: (run) => run.createdAt },
  { head: 'TENANT', cell: (run) => run.tenantId },
];

/** `groundcrew runs list` */
export function runsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list the runs you may see, newest first')
    .action(async (options: ListOptions, command) => {
      const { client, report } = shell.open(command as Command);
      const runs = client.items<RunView>('/operations', { maxpagesize: pageSizeOf(options) });
      await report.many(limited(runs, options, report), columns);
    });
}
