import { Command } from 'commander';
import type { EspView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';
import { factsOfEsp } from './esp-facts.js';

/** `groundcrew esp show` */
export function espShow(shell: Shell): Command {
  return new Command('show')
    .description("show an Enrollment Status Page; the default one has the tenant's id")
    .argument('<page>', 'id of the page')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (espId: string, options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const tenant = encodeURIComponent(options.tenant);
      const esp = await client.get<EspView>(`/tenants/${tenant}/espProfiles/${encodeURIComponent(espId)}`);
      report.one(esp, factsOfEsp(esp));
    });
}
