import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { offlineFileName } from '@groundcrew/domain';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';

/** `groundcrew profiles export`: the file for existing devices, under the only name that Windows looks for. */
export function profilesExport(shell: Shell): Command {
  return new Command('export')
    .description(`write a profile as ${offlineFileName}, for images of existing devices`)
    .argument('<profile>', 'id of the profile')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--domain <domain>', "the tenant's verified default domain")
    .option('--directory <path>', 'where to write it; else it is printed')
    .action(async (profileId: string, options: { tenant: string; domain: string; directory?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const tenant = encodeURIComponent(options.tenant);
      const text = await client.text(`/tenants/${tenant}/profiles/${encodeURIComponent(profileId)}/offlineFile`, {
        tenantDomain: options.domain,
      });
      if (options.directory === undefined) {
        report.text(text);
        return;
      }
      const path = join(options.directory, offlineFileName);
      await writeFile(path, text, 'ascii').catch((error: unknown) => {
        throw new UsageError(`${path} cannot be written: ${(error as Error).message}`);
      });
      report.one({ path }, [['Written', path]]);
    });
}
