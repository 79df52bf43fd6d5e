import { Command } from 'commander';
import type { GroupAnswer, GroupChange, GroupView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { factsOfGroup, pathOfGroups } from './group-facts.js';
import { jsonBody } from './json-body.js';

interface Options {
  tenant: string;
  name?: string;
  description?: string;
  clearDescription?: true;
  rule?: string;
  ifMatch?: string;
  key?: string;
}

/** `groundcrew groups update`. What is not named stays. */
export function groupsUpdate(shell: Shell): Command {
  return new Command('update')
    .description('change a group: what is named, and nothing else')
    .argument('<group>', 'id of the group')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--name <name>', 'another name')
    .option('--description <text>', 'another description')
    .option('--clear-description', 'no description any more')
    .option('--rule <rule>', 'another rule; one run then moves the devices')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (groupId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const change: GroupChange = {
        ...(options.name !== undefined && { displayName: options.name }),
        ...(options.description !== undefined && { description: options.description }),
        ...(options.clearDescription && { description: null }),
        ...(options.rule !== undefined && { rule: options.rule }),
      };
      if (Object.keys(change).length === 0)
        throw new UsageError('Say what is to change: --name, --description or --rule.');
      const path = pathOfGroups(options.tenant, groupId);
      const group = await client.command<GroupAnswer>('PATCH', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<GroupView>(path)).etag,
        body: jsonBody(change),
      });
      report.one(group, factsOfGroup(group));
    });
}
