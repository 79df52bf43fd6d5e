import { Command, Option } from 'commander';
import type { OrphanView } from '@groundcrew/contracts';
import { orphanClasses } from '@groundcrew/domain';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';

interface Options extends ListOptions {
  tenant: string;
  class?: string;
  resolved?: true;
}

const columns: Column<OrphanView>[] = [
  { head: 'CLASS', cell: (orphan) => orphan.class },
  { head: 'WHAT IS LEFT', cell: (orphan) => orphan.subject },
  { head: 'SERIAL NUMBER', cell: (orphan) => orphan.serialNumber },
  { head: 'SINCE', cell: (orphan) => orphan.firstSeenAt },
  { head: 'REPAIRED BY', cell: (orphan) => orphan.proposal.run },
  { head: 'HOW', cell: (orphan) => orphan.proposal.sentence },
];

/** Passes findings on, and notes the classes of those that a scan repairs by itself. */
async function* noting(orphans: AsyncIterable<OrphanView>, repairable: Set<string>): AsyncGenerator<OrphanView> {
  for await (const orphan of orphans) {
    if (orphan.proposal.run === 'repair') repairable.add(orphan.class);
    yield orphan;
  }
}

/** `groundcrew orphans list` */
export function orphansList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list what lies in one store without its counterpart in another')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(new Option('--class <class>', 'only of this class').choices(orphanClasses))
    .option('--resolved', 'those that later scans did not find any more')
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const orphans = client.items<OrphanView>(`/tenants/${encodeURIComponent(options.tenant)}/orphans`, {
        class: options.class,
        resolved: options.resolved === true ? 'true' : undefined,
        maxpagesize: pageSizeOf(options),
      });
      const repairable = new Set<string>();
      await report.many(noting(limited(orphans, options, report), repairable), columns);
      if (repairable.size > 0 && options.resolved !== true)
        report.note(
          `To repair: groundcrew orphans scan --tenant ${options.tenant} --repair ${[...repairable].join(' ')}`,
        );
    });
}
