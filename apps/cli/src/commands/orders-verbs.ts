import { Command, Option } from 'commander';
import type { OrderDeviceView, OrderView, RunView } from '@groundcrew/contracts';
import { readFile } from 'node:fs/promises';
import { keyOf, keyOption } from '../idempotency-key.js';
import { unreadable, prepareRows, type RowFormat } from '../orders/order-file.js';
import { UploadProgress } from '../orders/upload-progress.js';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import { followRun } from '../runs/follow-run.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';

interface Options {
  partner: string;
  key?: string;
  watch?: true;
}

const addressOf = (order: string, { partner }: { partner: string }) =>
  `/partners/${encodeURIComponent(partner)}/orders/${encodeURIComponent(order)}`;

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<order>', 'id of the order')
    .requiredOption('--partner <id>', 'whose order it is')
    .addOption(keyOption())
    .option('--watch', 'stay until it is done; exit code 1 when rows were rejected');
}

async function finish(shell: Shell, session: ReturnType<Shell['open']>, run: RunView, options: Options): Promise<void> {
  if (options.watch) shell.exitCode = await followRun(session, run.id);
  else session.report.one(run, factsOfRun(run));
}

/** `groundcrew orders append` and `groundcrew orders replace`: rows for an order that exists. */
export function ordersRows(shell: Shell, name: 'append' | 'replace'): Command {
  const place = { append: 'deliveries', replace: 'replacements' }[name];
  const description = {
    append: 'add a delivery to an order (partners)',
    replace: 'make an order these rows; asks before it takes away more than a fifth (partners)',
  }[name];
  return verb(name, description)
    .argument('<file>', 'JSON Lines or CSV in any size')
    .addOption(
      new Option('--format <format>', 'taken from the extension where it is left out').choices(['jsonl', 'csv']),
    )
    .option('--validate-only', 'show what it would come to, and change nothing')
    .action(
      async (order: string, file: string, options: Options & { format?: RowFormat; validateOnly?: true }, command) => {
        const session = shell.open(command as Command);
        const { client, report } = session;
        const upload = new UploadProgress(report.notes);
        const rows = await prepareRows(file, options.format, (sent) => upload.sent(sent, rows.bytes));
        const run = await client
          .command<RunView>('POST', `${addressOf(order, options)}/${place}`, {
            key: keyOf(options.key),
            body: rows.body,
            query: options.validateOnly ? { validateOnly: 'true' } : {},
          })
          .finally(() => upload.end());
        await finish(shell, session, run, options);
      },
    );
}

/** `groundcrew orders return`: devices by their exact ids, from the command line or a file. */
export function ordersReturn(shell: Shell): Command {
  return verb('return', 'take devices of an order back (partners)')
    .argument('[devices...]', 'ids of the devices')
    .option('--from <file>', 'a file with one device id a line')
    .action(async (order: string, named: string[], options: Options & { from?: string }, command) => {
      const session = shell.open(command as Command);
      const deviceIds = [...named, ...(options.from === undefined ? [] : await idsIn(options.from))];
      if (deviceIds.length === 0) throw new UsageError('Name the devices: their ids, or --from a file.');
      const run = await session.client.command<RunView>('POST', `${addressOf(order, options)}/returns`, {
        key: keyOf(options.key),
        body: jsonBody({ deviceIds }),
      });
      await finish(shell, session, run, options);
    });
}

/** `groundcrew orders void` */
export function ordersVoid(shell: Shell): Command {
  return verb('void', 'take back everything that an order registered (partners)')
    .requiredOption('--reason <text>', 'kept in the audit trail')
    .action(async (order: string, options: Options & { reason: string }, command) => {
      const session = shell.open(command as Command);
      const run = await session.client.command<RunView>('POST', `${addressOf(order, options)}/voids`, {
        key: keyOf(options.key),
        body: jsonBody({ reason: options.reason }),
      });
      await finish(shell, session, run, options);
    });
}

/** `groundcrew orders show` */
export function ordersShow(shell: Shell): Command {
  return new Command('show')
    .description('show an order: its runs, and what became of what was shipped')
    .argument('<order>', 'id of the order')
    .requiredOption('--partner <id>', 'whose order it is')
    .action(async (order: string, options: { partner: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const view = await client.get<OrderView>(addressOf(order, options));
      report.one(view, [
        ['Order', view.id],
        ['Tenant', view.tenantId],
        ['Purchase order', view.purchaseOrderIdentifier],
        ['Batch', view.batchId],
        ['Created', view.createdAt],
        ['Shipped', view.reconciliation?.shipped],
        ['Accepted', view.reconciliation?.accepted],
        ['Registered now', view.reconciliation?.registered],
        ['First seen', view.reconciliation?.firstSeen],
        ['Runs', view.operations.join(' ')],
      ]);
    });
}

const columns: Column<OrderDeviceView>[] = [
  { head: 'DEVICE', cell: (device) => device.deviceId },
  { head: 'SERIAL', cell: (device) => device.serialNumber },
  { head: 'MODEL', cell: (device) => device.model },
  { head: 'GROUP TAG', cell: (device) => device.groupTag },
  { head: 'REGISTERED', cell: (device) => device.registeredAt },
  { head: 'RUN', cell: (device) => device.operationId },
  { head: 'LINE', cell: (device) => device.line, align: 'right' },
];

/** `groundcrew orders devices` */
export function ordersDevices(shell: Shell): Command {
  return withLimit(new Command('devices'))
    .description('list the devices of an order that are registered now')
    .argument('<order>', 'id of the order')
    .requiredOption('--partner <id>', 'whose order it is')
    .action(async (order: string, options: ListOptions & { partner: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const devices = client.items<OrderDeviceView>(`${addressOf(order, options)}/devices`, {
        maxpagesize: pageSizeOf(options),
      });
      await report.many(limited(devices, options, report), columns);
    });
}

async function idsIn(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return text.split(/\s+/).filter((id) => id !== '');
}
