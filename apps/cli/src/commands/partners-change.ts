import { Command, Option } from 'commander';
import type { PartnerChange, PartnerView } from '@groundcrew/contracts';
import { partnerStatuses, type PartnerStatus } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';
import { factsOfPartner } from './partner-facts.js';

interface Options {
  status?: PartnerStatus;
  provider?: string | false;
  key?: string;
}

/** `groundcrew partners change`. It changes the partner as it is now: somebody who was faster is a refusal. */
export function partnersChange(shell: Shell): Command {
  return new Command('change')
    .description('suspend, reactivate or end a partner, or link the provider behind a reseller (operators)')
    .argument('<partner>', 'id of the partner')
    .addOption(new Option('--status <status>', 'only an active partner acts').choices(partnerStatuses))
    .option('--provider <id>', 'the indirect provider: wherever the reseller is authorised, it is too')
    .option('--no-provider', 'it has none any more')
    .addOption(keyOption())
    .action(async (partnerId: string, options: Options, command) => {
      const change = changeOf(options);
      const { client, report } = shell.open(command as Command);
      const path = `/partners/${encodeURIComponent(partnerId)}`;
      const { etag } = await client.get<PartnerView>(path);
      const partner = await client.command<PartnerView>('PATCH', path, {
        key: keyOf(options.key),
        body: jsonBody(change),
        ifMatch: etag,
      });
      report.one(partner, factsOfPartner(partner));
    });
}

function changeOf({ status, provider }: Options): PartnerChange {
  if (status === undefined && provider === undefined) {
    throw new UsageError('Say what to change: --status, --provider or --no-provider.');
  }
  return {
    ...(status !== undefined && { status }),
    ...(provider !== undefined && { indirectProviderId: provider === false ? null : provider }),
  };
}
