import { Command } from 'commander';
import type { ChangedDevice, DeviceChange, DeviceView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { reportDevice } from './device-facts.js';
import { jsonBody } from './json-body.js';

interface Options {
  tenant: string;
  groupTag?: string;
  clearGroupTag?: true;
  user?: string;
  unassignUser?: true;
  displayName?: string;
  clearDisplayName?: true;
  ifMatch?: string;
  key?: string;
}

/** `groundcrew devices set`. What is not named stays. */
export function devicesSet(shell: Shell): Command {
  return new Command('set')
    .description('change a registered device: what is named, and nothing else')
    .argument('<device>', 'id of the device')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--group-tag <text>', 'another group tag; a run then gives the device its profile')
    .option('--clear-group-tag', 'no group tag any more')
    .option('--user <principal name>', 'for whom it is meant')
    .option('--unassign-user', 'for nobody in particular')
    .option('--display-name <name>', 'what the computer is to be called')
    .option('--clear-display-name', "as its profile's template says")
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (deviceId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const change = changeOf(options);
      if (Object.keys(change).length === 0)
        throw new UsageError('Say what is to change: --group-tag, --user or --display-name.');
      const path = `/tenants/${encodeURIComponent(options.tenant)}/devices/${encodeURIComponent(deviceId)}`;
      const device = await client.command<ChangedDevice>('PATCH', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<DeviceView>(path)).etag,
        body: jsonBody(change),
      });
      reportDevice(report, device);
    });
}

function changeOf(options: Options): DeviceChange {
  return {
    ...(options.groupTag !== undefined && { groupTag: options.groupTag }),
    ...(options.clearGroupTag && { groupTag: null }),
    ...(options.user !== undefined && { assignedUserPrincipalName: options.user }),
    ...(options.unassignUser && { assignedUserPrincipalName: null }),
    ...(options.displayName !== undefined && { displayName: options.displayName }),
    ...(options.clearDisplayName && { displayName: null }),
  };
}
