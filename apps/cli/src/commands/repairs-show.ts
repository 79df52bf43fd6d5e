import { Command } from 'commander';
import type { RepairView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';
import { factsOfRepair, repairsOf } from './repair-facts.js';

/** `groundcrew repairs show` */
export function repairsShow(shell: Shell): Command {
  return new Command('show')
    .description('show where a repair stands, and the runs that it goes through')
    .argument('<repair>', 'id of the repair')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (repairId: string, options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const repair = await client.get<RepairView>(`${repairsOf(options.tenant)}/${encodeURIComponent(repairId)}`);
      report.one(repair, factsOfRepair(repair));
    });
}
