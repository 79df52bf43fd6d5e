import { Command } from 'commander';
import type { ProfileRecord, ProfileVersionView } from '@groundcrew/contracts';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { factsOfProfile, factsOfTargets } from './profile-facts.js';

const columns: Column<ProfileVersionView>[] = [
  { head: 'VERSION', cell: (version) => version.version, align: 'right' },
  { head: 'NAME', cell: (version) => version.displayName },
  { head: 'WHEN', cell: (version) => version.changedAt },
  { head: 'WHO', cell: (version) => version.changedBy },
  { head: '', cell: (version) => (version.deleted ? 'deleted' : '') },
];

/** `groundcrew profiles show` */
export function profilesShow(shell: Shell): Command {
  return new Command('show')
    .description('show a profile, whom it is given to, and the branding that travels with it')
    .argument('<profile>', 'id of the profile')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--versions', 'show every version that it ever had instead')
    .action(async (profileId: string, options: { tenant: string; versions?: true }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/profiles/${encodeURIComponent(profileId)}`;
      if (options.versions) {
        await report.many(client.items<ProfileVersionView>(`${path}/versions`), columns);
        return;
      }
      const profile = await client.get<ProfileRecord>(path);
      report.one(profile, [
        ...factsOfProfile(profile),
        ...factsOfTargets(profile.targets),
        ['Branding', profile.branding?.displayName ?? 'none'],
      ]);
    });
}
