import { Command, Option } from 'commander';
import type { SurfaceCaseView } from '@groundcrew/contracts';
import { caseStates } from '@groundcrew/domain';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

interface Options extends ListOptions {
  state?: string;
}

const columns: Column<SurfaceCaseView>[] = [
  { head: 'CASE', cell: ({ id }) => id },
  { head: 'TENANT', cell: ({ tenantId }) => tenantId },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'DEVICES', cell: ({ serialNumbers }) => serialNumbers.length, align: 'right' },
  { head: 'OPENED', cell: ({ createdAt }) => createdAt },
  { head: 'RUN', cell: ({ operationId }) => operationId },
];

/** `groundcrew cases list` */
export function casesList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list cases, newest first')
    .addOption(new Option('--state <state>', 'only those').choices(caseStates))
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const query = { state: options.state, maxpagesize: pageSizeOf(options) };
      await report.many(limited(client.items<SurfaceCaseView>('/surfaceCases', query), options, report), columns);
    });
}
