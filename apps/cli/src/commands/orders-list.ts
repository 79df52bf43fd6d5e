import { Command } from 'commander';
import type { OrderView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

interface Options extends ListOptions {
  partner: string;
  tenant?: string;
  batch?: string;
}

const columns: Column<OrderView>[] = [
  { head: 'ORDER', cell: (order) => order.id },
  { head: 'TENANT', cell: (order) => order.tenantId },
  { head: 'BATCH', cell: (order) => order.batchId },
  { head: 'PURCHASE ORDER', cell: (order) => order.purchaseOrderIdentifier },
  { head: 'CREATED', cell: (order) => order.createdAt },
  { head: 'RUNS', cell: (order) => order.operations.length, align: 'right' },
];

/** `groundcrew orders list` */
export function ordersList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description("list a partner's orders, the newest first")
    .requiredOption('--partner <id>', 'whose orders they are')
    .option('--tenant <id>', 'only for this tenant')
    .option('--batch <name>', 'only the list that was sent under this name')
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const orders = client.items<OrderView>(`/partners/${encodeURIComponent(options.partner)}/orders`, {
        tenantId: options.tenant,
        batchId: options.batch,
        maxpagesize: pageSizeOf(options),
      });
      await report.many(limited(orders, options, report), columns);
    });
}
