import { Command } from 'commander';
import type { DeviceView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

interface Options extends ListOptions {
  tenant: string;
  serialNumber?: string;
  groupTag?: string;
  purchaseOrder?: string;
  manufacturer?: string;
  model?: string;
}

const columns: Column<DeviceView>[] = [
  { head: 'DEVICE', cell: (device) => device.id },
  { head: 'SERIAL NUMBER', cell: (device) => device.serialNumber },
  { head: 'MANUFACTURER', cell: (device) => device.manufacturer },
  { head: 'MODEL', cell: (device) => device.model },
  { head: 'GROUP TAG', cell: (device) => device.groupTag },
  { head: 'PURCHASE ORDER', cell: (device) => device.purchaseOrderIdentifier },
  { head: 'DIRECTORY', cell: (device) => device.directory.state },
  { head: 'PROFILE', cell: (device) => device.profile.state },
  { head: 'REGISTERED', cell: (device) => device.registration.registeredAt },
];

/** `groundcrew devices list` */
export function devicesList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list the registered devices of a tenant; filters compare whole values')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--serial-number <text>', 'only with this serial number')
    .option('--group-tag <text>', 'only with this group tag')
    .option('--purchase-order <text>', 'only of this purchase order')
    .option('--manufacturer <text>', 'only of this manufacturer')
    .option('--model <text>', 'only of this model')
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const devices = client.items<DeviceView>(`/tenants/${encodeURIComponent(options.tenant)}/devices`, {
        serialNumber: options.serialNumber,
        groupTag: options.groupTag,
        purchaseOrderIdentifier: options.purchaseOrder,
        manufacturer: options.manufacturer,
        model: options.model,
        maxpagesize: pageSizeOf(options),
      });
      await report.many(limited(devices, options, report), columns);
    });
}
