import { Command } from 'commander';
import type { ConsentView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { consentsOf, type Side } from './consent-place.js';

const columns: Column<ConsentView>[] = [
  { head: 'CONSENT', cell: (consent) => consent.id },
  { head: 'TENANT', cell: (consent) => consent.tenantId },
  { head: 'PARTNER', cell: (consent) => consent.partnerId },
  { head: 'STATE', cell: (consent) => consent.state },
  { head: 'DECIDED', cell: (consent) => consent.decidedAt },
  { head: 'DECIDED BY', cell: (consent) => consent.decidedBy },
];

/** `groundcrew consents list` */
export function consentsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list which partners a tenant has authorised, or what a partner was answered')
    .option('--tenant <id>', 'of this tenant')
    .option('--partner <id>', 'of this partner')
    .action(async (options: ListOptions & Side, command) => {
      const { client, report } = shell.open(command as Command);
      const path = consentsOf(options);
      const consents = client.items<ConsentView>(path, { maxpagesize: pageSizeOf(options) });
      await report.many(limited(consents, options, report), columns);
    });
}
