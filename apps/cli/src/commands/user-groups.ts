import { Command } from 'commander';
import type { UserGroupChange, UserGroupView } from '@groundcrew/contracts';
import type { ApiClient } from '../api/api-client.js';
import { keyOf, keyOption } from '../idempotency-key.js';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Report } from '../output/report.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';

const pathOf = (tenant: string) => `/tenants/${encodeURIComponent(tenant)}/userGroups`;

const columns: Column<UserGroupView>[] = [
  { head: 'GROUP', cell: (group) => group.id },
  { head: 'NAME', cell: (group) => group.displayName },
  { head: 'MEMBERS', cell: (group) => group.memberIds.length, align: 'right' },
];

interface Change {
  tenant: string;
  name?: string;
  member?: string[];
  clearMembers?: true;
  ifMatch?: string;
  key?: string;
}

/** `groundcrew user-groups list` */
export function userGroupsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list the groups of users')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const groups = client.items<UserGroupView>(pathOf(options.tenant), { maxpagesize: pageSizeOf(options) });
      await report.many(limited(groups, options, report), columns);
    });
}

/** `groundcrew user-groups create` */
export function userGroupsCreate(shell: Shell): Command {
  return new Command('create')
    .description('create a group of users, to which status pages can be assigned')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--name <name>', 'its name')
    .option('--member <user...>', 'ids of its members')
    .addOption(keyOption())
    .action(async (options: Change & { name: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const group = await client.command<UserGroupView>('POST', pathOf(options.tenant), {
        key: keyOf(options.key),
        body: jsonBody(changeOf(options)),
      });
      reportGroup(report, group);
    });
}

/** `groundcrew user-groups update`. What is not named stays; members are named all together. */
export function userGroupsUpdate(shell: Shell): Command {
  return new Command('update')
    .description('change the name or the members of a group of users')
    .argument('<group>', 'id of the group')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--name <name>', 'another name')
    .option('--member <user...>', 'ids of all its members')
    .option('--clear-members', 'no members any more')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (id: string, options: Change, command) => {
      const { client, report } = shell.open(command as Command);
      const change = changeOf(options);
      if (Object.keys(change).length === 0) throw new UsageError('Say what is to change: --name or --member.');
      const group = await client.command<UserGroupView>(
        'PATCH',
        `${pathOf(options.tenant)}/${encodeURIComponent(id)}`,
        {
          key: keyOf(options.key),
          ifMatch: options.ifMatch ?? (await present(client, options.tenant, id)),
          body: jsonBody(change),
        },
      );
      reportGroup(report, group);
    });
}

/** `groundcrew user-groups delete`. It names one group by its id. */
export function userGroupsDelete(shell: Shell): Command {
  return new Command('delete')
    .description('delete a group of users to which no status page is assigned')
    .argument('<group>', 'id of the group')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (id: string, options: { tenant: string; ifMatch?: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      await client.command('DELETE', `${pathOf(options.tenant)}/${encodeURIComponent(id)}`, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await present(client, options.tenant, id)),
      });
      report.one({ id, deleted: true }, [['Deleted', id]]);
    });
}

/** The version of a group as the list has it: one group alone is not read. */
async function present(client: ApiClient, tenant: string, id: string): Promise<string> {
  for await (const group of client.items<UserGroupView>(pathOf(tenant), { maxpagesize: '1000' }))
    if (group.id === id) return group.etag;
  throw new UsageError(`There is no group of users ${id}.`);
}

function changeOf({ name, member, clearMembers }: Change): UserGroupChange {
  return {
    ...(name !== undefined && { displayName: name }),
    ...(member !== undefined && { memberIds: member }),
    ...(clearMembers && { memberIds: [] }),
  };
}

function reportGroup(report: Report, group: UserGroupView): void {
  report.one(group, [
    ['Group', group.id],
    ['Name', group.displayName],
    ['Members', group.memberIds.length],
    ['Version', group.etag],
  ]);
}
