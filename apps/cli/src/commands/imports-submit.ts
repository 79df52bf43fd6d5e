import { Command, Option } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import {
  acceptCapture,
  captureAdvice,
  captureSources,
  osFamilies,
  type CaptureSource,
  type OsFamily,
} from '@groundcrew/domain';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { keyOf, keyOption } from '../idempotency-key.js';
import { importFormats, prepareImport, type ImportFile, type ImportFormat } from '../imports/import-file.js';
import { sendInParts } from '../imports/send-in-parts.js';
import { UploadProgress } from '../orders/upload-progress.js';
import { followRun } from '../runs/follow-run.js';
import { acceptedText } from '../runs/run-words.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Session, Shell } from '../session.js';
import { UsageError } from '../usage.error.js';

export interface ImportOptions {
  tenant: string;
  purchaseOrder?: string;
  groupTag?: string;
  format?: ImportFormat;
  capturedBy?: CaptureSource;
  osFamily?: OsFamily;
  key?: string;
  validateOnly?: true;
  watch?: true;
  parts?: true;
  resume?: string;
}

/** `groundcrew imports submit` */
export function importsSubmit(shell: Shell): Command {
  return new Command('submit')
    .description("register a tenant's own devices from a file of hardware hashes (administrators)")
    .argument('<file>', 'CSV in any usual form, JSON Lines, or an OA3 report')
    .requiredOption('--tenant <id>', 'the tenant whose devices they are')
    .option('--purchase-order <text>', 'purchase order of rows that name none')
    .option('--group-tag <text>', 'group tag of rows that name none')
    .addOption(new Option('--format <format>', 'taken from the extension where it is left out').choices(importFormats))
    .addOption(new Option('--captured-by <how>', 'how the hashes were captured').choices(captureSources))
    .addOption(new Option('--os-family <family>', 'what the devices run').choices(osFamilies))
    .addOption(keyOption())
    .option('--validate-only', 'give every row its verdict and register nothing')
    .option('--parts', 'send a large file in parts, each with its digest')
    .option('--resume <upload>', 'go on with an upload in parts that was interrupted')
    .option('--watch', 'stay until every row has its verdict; exit code 1 when rows were rejected')
    .action(async (file: string, options: ImportOptions, command) => {
      shell.exitCode = await submitImport(shell.open(command as Command), file, options);
    });
}

/** Sends a file and, where that is asked for, stays until it is worked through. */
export async function submitImport(session: Session, path: string, options: ImportOptions): Promise<ExitCode> {
  const { report } = session;
  const key = keyOf(options.key);
  const capture = acceptCapture(options.osFamily ?? null, options.capturedBy ?? null);
  if (!capture.ok) throw new UsageError(captureAdvice);
  const upload = new UploadProgress(report.notes);
  const sizes = { total: 0 };
  const onSent = (sent: number) => upload.sent(sent, sizes.total);
  const file = await prepareImport(path, options.format, onSent);
  sizes.total = file.bytes;
  report.note(`Idempotency key ${key} (if this is interrupted, send it again with --key ${key})`);
  const run = await send(session, file, options, key, onSent).finally(() => upload.end());
  report.note(acceptedText(run));
  if (options.watch) return await followRun(session, run.id);

  report.one(run, factsOfRun(run));
  report.note(`To watch it: groundcrew runs show ${run.id} --watch`);
  return exitCodes.done;
}

async function send(
  { client, report }: Session,
  file: ImportFile,
  options: ImportOptions,
  key: string,
  onSent: (bytes: number) => void,
): Promise<RunView> {
  const { tenant, groupTag, purchaseOrder: purchaseOrderIdentifier, validateOnly, capturedBy, osFamily } = options;
  const place = `/tenants/${encodeURIComponent(tenant)}`;
  if (options.parts || options.resume !== undefined) {
    return await sendInParts({
      client,
      file,
      key,
      place,
      terms: { groupTag, purchaseOrderIdentifier, validateOnly, capturedBy, osFamily },
      resume: options.resume,
      report,
      onSent,
    });
  }
  return await client.command<RunView>('POST', `${place}/imports`, {
    key,
    body: file.body,
    query: {
      groupTag,
      purchaseOrderIdentifier,
      validateOnly: validateOnly && 'true',
      capturedBy,
      osFamily,
    },
  });
}
