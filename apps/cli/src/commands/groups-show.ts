import { Command } from 'commander';
import type { GroupView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';
import { factsOfGroup, pathOfGroups } from './group-facts.js';

/** `groundcrew groups show` */
export function groupsShow(shell: Shell): Command {
  return new Command('show')
    .description('show a group')
    .argument('<group>', 'id of the group')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (groupId: string, options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const group = await client.get<GroupView>(pathOfGroups(options.tenant, groupId));
      report.one(group, factsOfGroup(group));
    });
}
