import { Command } from 'commander';
import type { EspView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { espBodyOf, withEspDraft, type EspDraftOptions } from './esp-draft-options.js';
import { factsOfEsp } from './esp-facts.js';
import { jsonBody } from './json-body.js';

/** `groundcrew esp create` */
export function espCreate(shell: Shell): Command {
  return withEspDraft(new Command('create'))
    .description('create an Enrollment Status Page, before the default one')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (options: EspDraftOptions & { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      if (options.name === undefined) throw new UsageError('A page has a --name.');
      const esp = await client.command<EspView>('POST', `/tenants/${encodeURIComponent(options.tenant)}/espProfiles`, {
        key: keyOf(options.key),
        body: jsonBody(await espBodyOf(options)),
      });
      report.one(esp, factsOfEsp(esp));
    });
}
