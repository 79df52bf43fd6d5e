import { Command } from 'commander';
import type { EspView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';
import { espColumns } from './esp-facts.js';

/** `groundcrew esp list` */
export function espList(shell: Shell): Command {
  return new Command('list')
    .description('list Enrollment Status Pages in the order in which they are asked')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/espProfiles`;
      await report.many(client.items<EspView>(path), espColumns);
    });
}
