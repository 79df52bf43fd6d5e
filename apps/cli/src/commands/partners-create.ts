import { Command, Option } from 'commander';
import type { NewPartner, PartnerView } from '@groundcrew/contracts';
import { partnerKinds, type PartnerKind } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

interface Options {
  displayName: string;
  directoryTenant: string;
  id?: string;
  kind: PartnerKind;
  key?: string;
}

/** `groundcrew partners create` */
export function partnersCreate(shell: Shell): Command {
  return new Command('create')
    .description('onboard a partner (operators)')
    .requiredOption('--display-name <name>', 'its name')
    .requiredOption('--directory-tenant <id>', 'the directory tenant whose tokens speak for the partner')
    .addOption(new Option('--kind <kind>', 'what it is').choices(partnerKinds).default('oem' satisfies PartnerKind))
    .option('--id <id>', 'made up where it is left out')
    .addOption(keyOption())
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const { kind, displayName, directoryTenant, id } = options;
      const body: NewPartner = {
        kind,
        displayName,
        directoryTenantId: directoryTenant,
        ...(id !== undefined && { id }),
      };
      const partner = await client.command<PartnerView>('POST', '/partners', {
        key: keyOf(options.key),
        body: jsonBody(body),
      });
      report.one(partner, [
        ['Partner', partner.id],
        ['Kind', partner.kind],
        ['Name', partner.displayName],
        ['Directory tenant', partner.directoryTenantId],
        ['Status', partner.status],
      ]);
    });
}
