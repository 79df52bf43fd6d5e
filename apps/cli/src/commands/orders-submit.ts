import { Command, Option } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import type { ExitCode } from '../exit-codes.js';
import { exitCodes } from '../exit-codes.js';
import { keyOf, keyOption } from '../idempotency-key.js';
import { sendInParts } from '../imports/send-in-parts.js';
import { orderFormats, prepareOrder, type OrderFormat, type OrderTerms } from '../orders/order-file.js';
import { UploadProgress } from '../orders/upload-progress.js';
import { followRun } from '../runs/follow-run.js';
import { acceptedText } from '../runs/run-words.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Session, Shell } from '../session.js';
import { UsageError } from '../usage.error.js';

interface Options {
  partner: string;
  tenant: string;
  purchaseOrder?: string;
  groupTag?: string;
  batch?: string;
  format?: OrderFormat;
  key?: string;
  validateOnly?: true;
  watch?: true;
  parts?: true;
  resume?: string;
}

/** `groundcrew orders submit` */
export function ordersSubmit(shell: Shell): Command {
  return new Command('submit')
    .description('send an order of devices to be registered for a tenant (partners)')
    .argument('<file>', 'JSON up to 8 MB, JSON Lines or CSV in any size')
    .requiredOption('--partner <id>', 'the partner who sends it')
    .requiredOption('--tenant <id>', 'the tenant who gets the devices')
    .option('--purchase-order <text>', 'purchase order of rows that name none')
    .option('--group-tag <text>', 'group tag of rows that name none')
    .option('--batch <name>', 'a name for this list, by which it is found again')
    .addOption(new Option('--format <format>', 'taken from the extension where it is left out').choices(orderFormats))
    .addOption(keyOption())
    .option('--validate-only', 'give every row its verdict and register nothing')
    .option('--parts', 'send a large file of rows in parts, each with its digest')
    .option('--resume <upload>', 'go on with an upload in parts that was interrupted')
    .option('--watch', 'stay until every row has its verdict; exit code 1 when rows were rejected')
    .action(async (file: string, options: Options, command) => {
      shell.exitCode = await submit(shell.open(command as Command), file, options);
    });
}

async function submit(session: Session, file: string, options: Options): Promise<ExitCode> {
  const { client, report } = session;
  const key = keyOf(options.key);
  const upload = new UploadProgress(report.notes);
  const terms = termsOf(options);
  const sizes = { total: 0 };
  const onSent = (sent: number) => upload.sent(sent, sizes.total);
  const order = await prepareOrder(file, options.format, terms, onSent);
  sizes.total = order.bytes;
  report.note(`Idempotency key ${key} (if this is interrupted, send it again with --key ${key})`);
  const place = `/partners/${encodeURIComponent(options.partner)}`;
  const inParts = options.parts || options.resume !== undefined;
  if (inParts && options.batch !== undefined) throw new UsageError('A list that is sent in parts has no name.');
  const run = await (
    inParts
      ? sendInParts({ client, file: order, key, place, terms: { ...terms }, resume: options.resume, report, onSent })
      : client.command<RunView>('POST', `${place}/orders`, { key, body: order.body, query: order.query })
  ).finally(() => upload.end());
  report.note(acceptedText(run));
  if (options.watch) return await followRun(session, run.id);

  report.one(run, factsOfRun(run));
  report.note(`To watch it: groundcrew runs show ${run.id} --watch`);
  return exitCodes.done;
}

function termsOf({ tenant, purchaseOrder, groupTag, batch, validateOnly }: Options): OrderTerms {
  return {
    tenantId: tenant,
    ...(purchaseOrder !== undefined && { purchaseOrderIdentifier: purchaseOrder }),
    ...(groupTag !== undefined && { groupTag }),
    ...(batch !== undefined && { batchId: batch }),
    ...(validateOnly && { validateOnly }),
  };
}
