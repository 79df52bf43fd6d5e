import { Command } from 'commander';
import type { RepairView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { factsOfRepair, repairsOf } from './repair-facts.js';

/** `groundcrew repairs cancel` */
export function repairsCancel(shell: Shell): Command {
  return new Command('cancel')
    .description('end a repair while the hash is waited for: the old registration is restored')
    .argument('<repair>', 'id of the repair')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (repairId: string, options: { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const address = `${repairsOf(options.tenant)}/${encodeURIComponent(repairId)}/cancellations`;
      const repair = await client.command<RepairView>('POST', address, { key: keyOf(options.key) });
      report.one(repair, factsOfRepair(repair));
    });
}
