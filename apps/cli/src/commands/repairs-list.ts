import { Command, Option } from 'commander';
import type { RepairView } from '@groundcrew/contracts';
import { repairStates } from '@groundcrew/domain';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { repairsOf } from './repair-facts.js';

interface Options extends ListOptions {
  tenant: string;
  state?: string;
  device?: string;
}

const columns: Column<RepairView>[] = [
  { head: 'REPAIR', cell: (repair) => repair.id },
  { head: 'STATE', cell: (repair) => repair.state },
  { head: 'SERIAL NUMBER', cell: (repair) => repair.serialNumber },
  { head: 'BEFORE', cell: (repair) => repair.deviceId },
  { head: 'AFTER', cell: (repair) => repair.newDeviceId },
  { head: 'WAITING SINCE', cell: (repair) => repair.waitingSince },
  { head: 'WHY', cell: (repair) => repair.why },
];

/** `groundcrew repairs list` */
export function repairsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list repairs, and which registration followed which')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(new Option('--state <state>', 'only those that stand here').choices(repairStates))
    .option('--device <id>', 'of this device, by its registration before or after')
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const repairs = client.items<RepairView>(repairsOf(options.tenant), {
        state: options.state,
        deviceId: options.device,
        maxpagesize: pageSizeOf(options),
      });
      await report.many(limited(repairs, options, report), columns);
    });
}
