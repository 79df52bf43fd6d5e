import { Command } from 'commander';
import type { PartnerRegistrationView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

interface Options extends ListOptions {
  partner: string;
  tenant: string;
  serialNumber?: string;
  groupTag?: string;
  purchaseOrder?: string;
}

const columns: Column<PartnerRegistrationView>[] = [
  { head: 'DEVICE', cell: (device) => device.deviceId },
  { head: 'SERIAL NUMBER', cell: (device) => device.serialNumber },
  { head: 'MANUFACTURER', cell: (device) => device.manufacturer },
  { head: 'MODEL', cell: (device) => device.model },
  { head: 'GROUP TAG', cell: (device) => device.groupTag },
  { head: 'PURCHASE ORDER', cell: (device) => device.purchaseOrderIdentifier },
  { head: 'REGISTERED', cell: (device) => device.registeredAt },
  { head: 'BY', cell: (device) => device.registeredBy.replace('_', ' ') },
];

/** `groundcrew partners registrations` */
export function partnersRegistrations(shell: Shell): Command {
  return withLimit(new Command('registrations'))
    .description('list what partners registered for a customer that authorised yours; filters compare whole values')
    .requiredOption('--partner <id>', 'the partner that asks')
    .requiredOption('--tenant <id>', 'the customer')
    .option('--serial-number <text>', 'only with this serial number')
    .option('--group-tag <text>', 'only with this group tag')
    .option('--purchase-order <text>', 'only of this purchase order')
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/partners/${encodeURIComponent(options.partner)}/registrations`;
      const devices = client.items<PartnerRegistrationView>(path, {
        tenantId: options.tenant,
        serialNumber: options.serialNumber,
        groupTag: options.groupTag,
        purchaseOrderIdentifier: options.purchaseOrder,
        maxpagesize: pageSizeOf(options),
      });
      await report.many(limited(devices, options, report), columns);
    });
}
