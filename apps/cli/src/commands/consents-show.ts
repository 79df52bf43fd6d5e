import { Command } from 'commander';
import type { ConsentRecord } from '@groundcrew/contracts';
import { tableOf, type Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { factsOfConsent } from './consent-facts.js';
import { consentsOf, requestOf, type Side } from './consent-place.js';

const columns: Column<ConsentRecord['history'][number]>[] = [
  { head: 'NO', cell: (event) => event.seq, align: 'right' },
  { head: 'WHAT', cell: (event) => event.kind },
  { head: 'WHEN', cell: (event) => event.at },
  { head: 'WHO', cell: (event) => event.actor },
];

/** `groundcrew consents show` */
export function consentsShow(shell: Shell): Command {
  return new Command('show')
    .description('show a consent, who asks for what, and its history')
    .argument('<consent>', 'id of the consent with --tenant or --partner, or the link')
    .option('--tenant <id>', 'as the tenant sees it')
    .option('--partner <id>', 'as the partner sees it')
    .action(async (consent: string, options: Side, command) => {
      const { client, report } = shell.open(command as Command);
      const path = consent.includes('/')
        ? requestOf(consent, {})
        : `${consentsOf(options)}/${encodeURIComponent(consent)}`;
      const record = await client.get<ConsentRecord>(path);
      report.one(record, [
        ['Asked by', `${record.partner.displayName} (${record.partner.kind})`],
        ...factsOfConsent(record),
      ]);
      if (report.output === 'table') report.text(`\n${tableOf(columns, record.history)}`);
    });
}
