import { Command } from 'commander';
import type { DeviceView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';
import { reportDevice } from './device-facts.js';

/** `groundcrew devices show` */
export function devicesShow(shell: Shell): Command {
  return new Command('show')
    .description('show a registered device, for whom it is meant, and what each neighbour was seen to hold')
    .argument('<device>', 'id of the device')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (deviceId: string, options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/devices/${encodeURIComponent(deviceId)}`;
      reportDevice(report, await client.get<DeviceView>(path));
    });
}
