import { Command } from 'commander';
import type { ConsentRequestView, NewConsentRequest } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { factsOfConsent } from './consent-facts.js';
import { scopeOf, withScope, type ScopeOptions } from './consent-scope-options.js';
import { jsonBody } from './json-body.js';

/** `groundcrew consents request`. The link is shown this once. */
export function consentsRequest(shell: Shell): Command {
  return withScope(new Command('request'))
    .description('ask a tenant for consent; prints the link for its owner (partners)')
    .requiredOption('--partner <id>', 'the partner that asks')
    .requiredOption('--tenant <id>', 'the tenant that is asked')
    .addOption(keyOption())
    .action(async (options: ScopeOptions & { partner: string; tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const scope = scopeOf(options);
      const body: NewConsentRequest = { tenantId: options.tenant, ...(scope !== undefined && { scope }) };
      const path = `/partners/${encodeURIComponent(options.partner)}/consentRequests`;
      const asked = await client.command<ConsentRequestView>('POST', path, {
        key: keyOf(options.key),
        body: jsonBody(body),
      });
      report.one(asked, [
        ...factsOfConsent(asked.consent),
        ['Link for the owner', asked.link],
        ['Run', asked.operation.id],
      ]);
    });
}
