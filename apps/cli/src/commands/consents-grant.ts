import { Command } from 'commander';
import type { ConsentView, NewConsent } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { factsOfConsent } from './consent-facts.js';
import { jsonBody } from './json-body.js';

/** `groundcrew consents grant` */
export function consentsGrant(shell: Shell): Command {
  return new Command('grant')
    .description('authorise a partner to register devices for a tenant (tenant owners)')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--partner <id>', 'the partner')
    .addOption(keyOption())
    .action(async (options: { tenant: string; partner: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const body: NewConsent = { partnerId: options.partner };
      const path = `/tenants/${encodeURIComponent(options.tenant)}/consents`;
      const consent = await client.command<ConsentView>('POST', path, {
        key: keyOf(options.key),
        body: jsonBody(body),
      });
      report.one(consent, factsOfConsent(consent));
    });
}
