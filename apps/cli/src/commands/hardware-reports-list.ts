import { Command } from 'commander';
import type { HardwareView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

const columns: Column<HardwareView>[] = [
  { head: 'ID', cell: (hardware) => hardware.id },
  { head: 'MANUFACTURER', cell: (hardware) => hardware.manufacturer },
  { head: 'MODEL', cell: (hardware) => hardware.model },
  { head: 'SERIAL', cell: (hardware) => hardware.serialNumber },
  { head: 'PRODUCT KEY ID', cell: (hardware) => hardware.productKey },
  { head: 'UPLOADED', cell: (hardware) => hardware.uploadedAt },
  { head: 'SUPERSEDED', cell: (hardware) => hardware.supersededAt },
];

interface Options extends ListOptions {
  partner: string;
  serial?: string;
  run?: string;
}

/** `groundcrew hardware-reports list` */
export function hardwareReportsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list what a maker has on file (makers)')
    .requiredOption('--partner <id>', 'the maker')
    .option('--serial <number>', 'only this serial number')
    .option('--run <id>', 'only what this upload brought last')
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/partners/${encodeURIComponent(options.partner)}/devicesOnFile`;
      const query = { serialNumber: options.serial, operationId: options.run, maxpagesize: pageSizeOf(options) };
      await report.many(limited(client.items<HardwareView>(path, query), options, report), columns);
    });
}
