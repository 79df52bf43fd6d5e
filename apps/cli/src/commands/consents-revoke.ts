import { Command, Option } from 'commander';
import type { ConsentView } from '@groundcrew/contracts';
import { inFlightChoices, type InFlightChoice } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { factsOfConsent } from './consent-facts.js';

/** `groundcrew consents revoke`. It names one consent by its id: taking it back cannot be undone. */
export function consentsRevoke(shell: Shell): Command {
  return new Command('revoke')
    .description('take an authorisation back; registered devices stay (tenant owners)')
    .argument('<consent>', 'id of the consent')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(
      new Option('--in-flight <choice>', 'accepted orders stop now, or are finished')
        .choices(inFlightChoices)
        .default('stop_now' satisfies InFlightChoice),
    )
    .addOption(keyOption())
    .action(async (consentId: string, options: { tenant: string; inFlight: InFlightChoice; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/consents/${encodeURIComponent(consentId)}`;
      const consent = await client.command<ConsentView>('DELETE', `${path}?inFlight=${options.inFlight}`, {
        key: keyOf(options.key),
      });
      report.one(consent, factsOfConsent(consent));
    });
}
