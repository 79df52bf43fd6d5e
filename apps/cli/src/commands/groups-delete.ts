import { Command } from 'commander';
import type { GroupView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { pathOfGroups } from './group-facts.js';

/** `groundcrew groups delete`. It names one group by its id. */
export function groupsDelete(shell: Shell): Command {
  return new Command('delete')
    .description('delete a group that no profile and no page refers to')
    .argument('<group>', 'id of the group')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (groupId: string, options: { tenant: string; ifMatch?: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = pathOfGroups(options.tenant, groupId);
      await client.command('DELETE', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<GroupView>(path)).etag,
      });
      report.one({ id: groupId, deleted: true }, [['Deleted', groupId]]);
    });
}
