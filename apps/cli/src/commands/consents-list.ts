import { Command } from 'commander';
import type { ConsentView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

const columns: Column<ConsentView>[] = [
  { head: 'CONSENT', cell: (consent) => consent.id },
  { head: 'PARTNER', cell: (consent) => consent.partnerId },
  { head: 'STATE', cell: (consent) => consent.state },
  { head: 'DECIDED', cell: (consent) => consent.decidedAt },
  { head: 'DECIDED BY', cell: (consent) => consent.decidedBy },
];

/** `groundcrew consents list` */
export function consentsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list which partners a tenant has authorised, and which not')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/consents`;
      const consents = client.items<ConsentView>(path, { maxpagesize: pageSizeOf(options) });
      await report.many(limited(consents, options, report), columns);
    });
}
