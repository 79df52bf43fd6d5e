import { Command } from 'commander';
import type { GroupAnswer, NewGroup } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { factsOfGroup, pathOfGroups } from './group-facts.js';
import { jsonBody } from './json-body.js';

interface Options {
  tenant: string;
  name: string;
  description?: string;
  rule?: string;
  key?: string;
}

/** `groundcrew groups create` */
export function groupsCreate(shell: Shell): Command {
  return new Command('create')
    .description('create a group: with a rule, or with members that are named later')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--name <name>', 'its name')
    .option('--description <text>', 'what it is for')
    .option('--rule <rule>', 'its members follow from this rule')
    .addOption(keyOption())
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const { name, description, rule } = options;
      const body: NewGroup = {
        displayName: name,
        ...(description !== undefined && { description }),
        ...(rule !== undefined && { rule }),
      };
      const group = await client.command<GroupAnswer>('POST', pathOfGroups(options.tenant), {
        key: keyOf(options.key),
        body: jsonBody(body),
      });
      report.one(group, factsOfGroup(group));
    });
}
