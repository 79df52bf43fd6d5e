import { Command } from 'commander';
import type { EspResolutionView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';

/** `groundcrew esp resolve` */
export function espResolve(shell: Shell): Command {
  return new Command('resolve')
    .description('which page a device shows, why, and what it waits for')
    .argument('<device>', 'id of the device')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--user <id>', 'who is to sign in')
    .action(async (deviceId: string, options: { tenant: string; user?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const tenant = encodeURIComponent(options.tenant);
      const found = await client.get<EspResolutionView>(
        `/tenants/${tenant}/devices/${encodeURIComponent(deviceId)}/esp`,
        { userId: options.user },
      );
      const names = (apps: EspResolutionView['leftOut']) => apps.map((app) => app.displayName).join(', ') || null;
      report.one(found, [
        ['Page', found.esp.displayName],
        ['Id', found.esp.id],
        [
          'Because',
          {
            device: 'the device is in a group of it',
            user: 'the user is in a group of it',
            default: 'no other page reaches it',
          }[found.via],
        ],
        ['Groups', found.viaGroups.join(', ') || null],
        ['User', found.userSkipped ? 'not asked about: nobody signs in' : null],
        ['Minutes', found.timeoutMinutes],
        ['Waits for', names(found.blockingApps) ?? 'everything that is required'],
        ['Does not accept', names(found.leftOut)],
      ]);
    });
}
