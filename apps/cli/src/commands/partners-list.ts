import { Command } from 'commander';
import type { PartnerView } from '@groundcrew/contracts';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

const columns: Column<PartnerView>[] = [
  { head: 'PARTNER', cell: (partner) => partner.id },
  { head: 'KIND', cell: (partner) => partner.kind },
  { head: 'NAME', cell: (partner) => partner.displayName },
  { head: 'STATUS', cell: (partner) => partner.status },
  { head: 'INDIRECT PROVIDER', cell: (partner) => partner.indirectProviderId },
];

/** `groundcrew partners list` */
export function partnersList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list the partners you may see, with their status')
    .action(async (options: ListOptions, command) => {
      const { client, report } = shell.open(command as Command);
      const partners = client.items<PartnerView>('/partners', { maxpagesize: pageSizeOf(options) });
      await report.many(limited(partners, options, report), columns);
    });
}
