import { Command } from 'commander';
import type { ConsentView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { factsOfConsent } from './consent-facts.js';

/** `groundcrew consents revoke`. It names one consent by its id: taking it back stops what is in flight. */
export function consentsRevoke(shell: Shell): Command {
  return new Command('revoke')
    .description('take an authorisation back; what is in flight under it stops (tenant owners)')
    .argument('<consent>', 'id of the consent')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (consentId: string, options: { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/consents/${encodeURIComponent(consentId)}`;
      const consent = await client.command<ConsentView>('DELETE', path, { key: keyOf(options.key) });
      report.one(consent, factsOfConsent(consent));
    });
}
