import { Command } from 'commander';
import type { SchoolGroupView, SchoolSettingsView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import { tableOf, type Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

const pathOf = (tenant: string) => `/tenants/${encodeURIComponent(tenant)}/schoolGroups`;

const groupColumns: Column<SchoolGroupView>[] = [
  { head: 'GROUP TAG', cell: (group) => group.groupTag },
  { head: 'DEVICES', cell: (group) => group.devices, align: 'right' },
  { head: 'GROUP', cell: (group) => group.groupId ?? 'none yet' },
  { head: 'NAME', cell: (group) => group.displayName },
];

const profileColumns: Column<SchoolSettingsView['profiles'][number]>[] = [
  { head: 'PROFILE', cell: (profile) => profile.displayName },
  { head: 'MODE', cell: (profile) => profile.settings.deploymentMode },
  { head: 'OF THIS GROUP', cell: (profile) => (profile.ofThisGroup ? 'yes' : 'no') },
  { head: 'DEVICES', cell: (profile) => profile.devices, align: 'right' },
];

const pageColumns: Column<SchoolSettingsView['pages'][number]>[] = [
  { head: 'STATUS PAGE', cell: (page) => page.displayName },
  { head: 'MINUTES', cell: (page) => page.timeoutMinutes, align: 'right' },
  { head: 'DEVICES', cell: (page) => page.devices, align: 'right' },
  { head: 'NOT ACCEPTED', cell: (page) => page.leftOut.join(', ') },
];

/** `groundcrew schools groups` */
export function schoolsGroups(shell: Shell): Command {
  return withLimit(new Command('groups'))
    .description("list the group tags of a school's devices, with the groups that were made for them")
    .requiredOption('--tenant <id>', 'the school')
    .action(async (options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const groups = client.items<SchoolGroupView>(pathOf(options.tenant), { maxpagesize: pageSizeOf(options) });
      await report.many(limited(groups, options, report), groupColumns);
    });
}

/** `groundcrew schools add-group` */
export function schoolsAddGroup(shell: Shell): Command {
  return new Command('add-group')
    .description('make the group that has every device of a group tag')
    .requiredOption('--tenant <id>', 'the school')
    .requiredOption('--group-tag <text>', 'the tag')
    .option('--name <name>', 'its name; else it is named for its tag')
    .addOption(keyOption())
    .action(async (options: { tenant: string; groupTag: string; name?: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const group = await client.command<SchoolGroupView>('POST', pathOf(options.tenant), {
        key: keyOf(options.key),
        body: jsonBody({
          groupTag: options.groupTag,
          ...(options.name !== undefined && { displayName: options.name }),
        }),
      });
      report.one(group, [
        ['Group', group.groupId],
        ['Name', group.displayName],
        ['Group tag', group.groupTag],
        ['Devices', group.devices],
      ]);
    });
}

/** `groundcrew schools settings` */
export function schoolsSettings(shell: Shell): Command {
  return new Command('settings')
    .description('show the Windows device settings that reach the members of a school group')
    .argument('<group>', 'id of the group')
    .requiredOption('--tenant <id>', 'the school')
    .action(async (groupId: string, options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `${pathOf(options.tenant)}/${encodeURIComponent(groupId)}/windowsDeviceSettings`;
      const settings = await client.get<SchoolSettingsView>(path);
      report.one(settings, [
        ['Group', settings.displayName],
        ['Devices', `${settings.members}, ${settings.ownership.replace('_', '-')}`],
        ['Branding', settings.branding],
      ]);
      if (report.output !== 'table') return;
      report.text(`\n${tableOf(profileColumns, settings.profiles)}`);
      report.text(`\n${tableOf(pageColumns, settings.pages)}`);
    });
}
