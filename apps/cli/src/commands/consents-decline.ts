import { Command } from 'commander';
import type { ConsentView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { factsOfConsent } from './consent-facts.js';
import { requestOf, type Side } from './consent-place.js';

/** `groundcrew consents decline` */
export function consentsDecline(shell: Shell): Command {
  return new Command('decline')
    .description('decline what a partner asks for (tenant owners)')
    .argument('<consent>', 'the link, or the id of the consent with --tenant')
    .option('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (consent: string, options: Side & { key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `${requestOf(consent, options)}/decline`;
      const declined = await client.command<ConsentView>('POST', path, { key: keyOf(options.key) });
      report.one(declined, factsOfConsent(declined));
    });
}
