import { Command, Option } from 'commander';
import type { MatchView } from '@groundcrew/contracts';
import { decodedReport, factsOfDecoded, tablesOfDecoded } from '../matching/decoded-report.js';
import { readDeviceFile, type DeviceFile } from '../matching/device-file.js';
import { explanationOfMatch, factsOfMatch } from '../matching/match-report.js';
import type { Report } from '../output/report.js';
import { factsOf } from '../output/table.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';

interface Options {
  explain?: true;
  tenant?: string;
  offline?: true;
}

/** `groundcrew match` */
export function match(shell: Shell): Command {
  return new Command('match')
    .description('say which registered device a hardware hash belongs to; the hash itself is never shown')
    .argument('<file>', 'text of a hash, OA3Tool XML, or one device as CSV or JSON')
    .option('--explain', 'with what was read and why')
    .option('--tenant <id>', 'ask the service among the devices of this tenant')
    .addOption(new Option('--offline', 'only say what can be read, and ask nobody').conflicts('tenant'))
    .action(async (path: string, options: Options, command: Command) => {
      const file = await readDeviceFile(path);
      const answer = options.tenant === undefined ? null : await askService(shell, command, options.tenant, file);
      // Offline there is nothing else to say.
      say(shell.report(command), file, answer, options.explain === true || answer === null);
    });
}

async function askService(
  shell: Shell,
  command: Command,
  tenantId: string,
  { question }: DeviceFile,
): Promise<MatchView> {
  if (question === null) throw new UsageError('The file names no device that the service could be asked about.');
  const { client } = shell.open(command);
  return await client.ask<MatchView>(`/tenants/${encodeURIComponent(tenantId)}/devices/match`, jsonBody(question));
}

function say(report: Report, file: DeviceFile, answer: MatchView | null, explained: boolean): void {
  const decoded = decodedReport(file);
  if (report.output !== 'table') {
    report.json({ decoded, answer });
    return;
  }
  report.text(factsOf(factsOfDecoded(file, decoded)));
  if (explained) for (const table of tablesOfDecoded(decoded)) report.text(`\n${table}`);
  if (answer === null) return;
  report.text(`\n${factsOf(factsOfMatch(answer))}`);
  if (explained) for (const part of explanationOfMatch(answer)) report.text(`\n${part}`);
}
