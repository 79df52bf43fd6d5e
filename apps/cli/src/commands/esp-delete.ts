import { Command } from 'commander';
import type { EspView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';

/** `groundcrew esp delete`. It names one page by its id. */
export function espDelete(shell: Shell): Command {
  return new Command('delete')
    .description('delete an Enrollment Status Page; those after it close up')
    .argument('<page>', 'id of the page')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (espId: string, options: { tenant: string; ifMatch?: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/espProfiles/${encodeURIComponent(espId)}`;
      await client.command('DELETE', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<EspView>(path)).etag,
      });
      report.one({ id: espId, deleted: true }, [['Deleted', espId]]);
    });
}
