import { Command, Option } from 'commander';
import type { NewPartner, PartnerView } from '@groundcrew/contracts';
import { partnerKinds, partnerStatusesAtFirst, type PartnerKind } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';
import { factsOfPartner } from './partner-facts.js';

interface Options {
  displayName: string;
  directoryTenant: string;
  id?: string;
  kind: PartnerKind;
  status?: NewPartner['status'];
  key?: string;
}

/** `groundcrew partners create` */
export function partnersCreate(shell: Shell): Command {
  return new Command('create')
    .description('onboard a partner (operators)')
    .requiredOption('--display-name <name>', 'its name')
    .requiredOption('--directory-tenant <id>', 'the directory tenant whose tokens speak for the partner')
    .addOption(new Option('--kind <kind>', 'what it is').choices(partnerKinds).default('oem' satisfies PartnerKind))
    .addOption(new Option('--status <status>', 'active unless said otherwise').choices(partnerStatusesAtFirst))
    .option('--id <id>', 'made up where it is left out')
    .addOption(keyOption())
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const { kind, displayName, directoryTenant, id, status } = options;
      const body: NewPartner = {
        kind,
        displayName,
        directoryTenantId: directoryTenant,
        ...(id !== undefined && { id }),
        ...(status !== undefined && { status }),
      };
      const partner = await client.command<PartnerView>('POST', '/partners', {
        key: keyOf(options.key),
        body: jsonBody(body),
      });
      report.one(partner, factsOfPartner(partner));
    });
}
