import { Command } from 'commander';
import type { GroupView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { pathOfGroups } from './group-facts.js';

const columns: Column<GroupView>[] = [
  { head: 'GROUP', cell: (group) => group.id },
  { head: 'NAME', cell: (group) => group.displayName },
  { head: 'MEMBERSHIP', cell: (group) => group.membership },
  { head: 'RULE', cell: (group) => group.rule },
];

/** `groundcrew groups list` */
export function groupsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list the groups of devices')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const groups = client.items<GroupView>(pathOfGroups(options.tenant), { maxpagesize: pageSizeOf(options) });
      await report.many(limited(groups, options, report), columns);
    });
}
