import { Command } from 'commander';
import type { GroupMemberView, MemberAnswer } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { pathOfGroups } from './group-facts.js';
import { jsonBody } from './json-body.js';

const columns: Column<GroupMemberView>[] = [
  { head: 'DEVICE', cell: (member) => member.deviceId },
  { head: 'SERIAL NUMBER', cell: (member) => member.serialNumber },
  { head: 'MANUFACTURER', cell: (member) => member.manufacturer },
  { head: 'MODEL', cell: (member) => member.model },
  { head: 'GROUP TAG', cell: (member) => member.groupTag },
];

/** `groundcrew groups members list|add|remove` */
export function groupsMembers(shell: Shell): Command {
  const members = new Command('members').description('the devices of a group');
  members.addCommand(list(shell));
  members.addCommand(change(shell, 'add', 'members', 'name devices as members, by exact id'));
  members.addCommand(change(shell, 'remove', 'memberRemovals', 'name devices as members no more, by exact id'));
  return members;
}

function list(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list the members: as named, or as the last run found them by the rule')
    .argument('<group>', 'id of the group')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (groupId: string, options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `${pathOfGroups(options.tenant, groupId)}/members`;
      const found = client.items<GroupMemberView>(path, { maxpagesize: pageSizeOf(options) });
      await report.many(limited(found, options, report), columns);
    });
}

function change(shell: Shell, name: string, place: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<group>', 'id of the group')
    .argument('<device...>', 'ids of devices')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (groupId: string, deviceIds: string[], options: { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `${pathOfGroups(options.tenant, groupId)}/${place}`;
      const answer = await client.command<MemberAnswer>('POST', path, {
        key: keyOf(options.key),
        body: jsonBody({ deviceIds }),
      });
      report.one(answer, [
        ['Changed', answer.changed.length],
        ['Run', answer.operationId],
      ]);
    });
}
