import { Command } from 'commander';
import type { ProfileRecord } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';

/** `groundcrew profiles delete`. It names one profile by its id. */
export function profilesDelete(shell: Shell): Command {
  return new Command('delete')
    .description('delete a profile that is given to nobody; its versions stay readable')
    .argument('<profile>', 'id of the profile')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (profileId: string, options: { tenant: string; ifMatch?: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/profiles/${encodeURIComponent(profileId)}`;
      await client.command('DELETE', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<ProfileRecord>(path)).etag,
      });
      report.one({ id: profileId, deleted: true }, [['Deleted', profileId]]);
    });
}
