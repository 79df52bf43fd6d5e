import { Command } from 'commander';
import type { ProfileView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

const columns: Column<ProfileView>[] = [
  { head: 'PROFILE', cell: (profile) => profile.id },
  { head: 'NAME', cell: (profile) => profile.displayName },
  { head: 'MODE', cell: (profile) => profile.settings.deploymentMode },
  { head: 'JOIN', cell: (profile) => profile.settings.joinType },
  { head: 'DEVICES', cell: (profile) => profile.settings.deviceType },
  { head: 'VERSION', cell: (profile) => profile.version, align: 'right' },
  { head: 'CREATED', cell: (profile) => profile.createdAt },
];

/** `groundcrew profiles list` */
export function profilesList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list deployment profiles, the oldest first: of several that reach a device it wins')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/profiles`;
      const profiles = client.items<ProfileView>(path, { maxpagesize: pageSizeOf(options) });
      await report.many(limited(profiles, options, report), columns);
    });
}
