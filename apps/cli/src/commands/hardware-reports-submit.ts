import { Command, Option } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { prepareRows, type RowFormat } from '../orders/order-file.js';
import { UploadProgress } from '../orders/upload-progress.js';
import { followRun } from '../runs/follow-run.js';
import { acceptedText } from '../runs/run-words.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';

interface Options {
  partner: string;
  format?: RowFormat;
  key?: string;
  watch?: true;
}

/** `groundcrew hardware-reports submit` */
export function hardwareReportsSubmit(shell: Shell): Command {
  return new Command('submit')
    .description('keep the hashes of a build on file, ahead of any order (makers)')
    .argument('<file>', 'JSON Lines or CSV in any size')
    .requiredOption('--partner <id>', 'the maker')
    .addOption(
      new Option('--format <format>', 'taken from the extension where it is left out').choices(['jsonl', 'csv']),
    )
    .addOption(keyOption())
    .option('--watch', 'stay until every row has its verdict; exit code 1 when rows were rejected')
    .action(async (file: string, options: Options, command) => {
      const session = shell.open(command as Command);
      const { client, report } = session;
      const key = keyOf(options.key);
      const upload = new UploadProgress(report.notes);
      const rows = await prepareRows(file, options.format, (sent) => upload.sent(sent, rows.bytes));
      report.note(`Idempotency key ${key} (if this is interrupted, send it again with --key ${key})`);
      const path = `/partners/${encodeURIComponent(options.partner)}/hardwareReports`;
      const run = await client.command<RunView>('POST', path, { key, body: rows.body }).finally(() => upload.end());
      report.note(acceptedText(run));
      if (options.watch) shell.exitCode = await followRun(session, run.id);
      else report.one(run, factsOfRun(run));
    });
}
