import { Command } from 'commander';
import type { ConsentView, NewConsent } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { factsOfConsent } from './consent-facts.js';
import { requestOf } from './consent-place.js';
import { scopeOf, withScope, type ScopeOptions } from './consent-scope-options.js';
import { jsonBody } from './json-body.js';

type Options = ScopeOptions & { tenant?: string; partner?: string; key?: string };

/** `groundcrew consents grant`: what a partner asked for, by its link or id; or unasked, with `--partner`. */
export function consentsGrant(shell: Shell): Command {
  return withScope(new Command('grant'))
    .description('authorise a partner to register devices for a tenant (tenant owners)')
    .argument('[consent]', 'the link, or the id of the consent with --tenant')
    .option('--tenant <id>', 'the tenant')
    .option('--partner <id>', 'the partner, where it has not asked')
    .addOption(keyOption())
    .action(async (consent: string | undefined, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const { path, body } = grantOf(consent, options);
      const granted = await client.command<ConsentView>('POST', path, {
        key: keyOf(options.key),
        ...(body !== null && { body: jsonBody(body) }),
      });
      report.one(granted, factsOfConsent(granted));
    });
}

function grantOf(consent: string | undefined, options: Options): { path: string; body: NewConsent | null } {
  const { tenant, partner } = options;
  const scope = scopeOf(options);
  if (consent !== undefined) {
    if (partner !== undefined || scope !== undefined) throw new UsageError('What was asked for is granted as it is.');
    return { path: `${requestOf(consent, options)}/grant`, body: null };
  }
  if (tenant === undefined || partner === undefined) throw new UsageError('Give the link, or --tenant and --partner.');
  const path = `/tenants/${encodeURIComponent(tenant)}/consents`;
  return { path, body: { partnerId: partner, ...(scope !== undefined && { scope }) } };
}
