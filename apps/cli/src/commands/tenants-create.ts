import { Command, Option } from 'commander';
import type { NewTenant, TenantView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

/** `groundcrew tenants create` */
export function tenantsCreate(shell: Shell): Command {
  return new Command('create')
    .description('onboard a tenant (operators)')
    .requiredOption('--display-name <name>', 'its name')
    .option('--id <id>', 'the tenant id of its directory; made up where it is left out')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['organisation', 'school']).default('organisation'))
    .addOption(keyOption())
    .action(
      async (options: { displayName: string; id?: string; kind: 'organisation' | 'school'; key?: string }, command) => {
        const { client, report } = shell.open(command as Command);
        const { displayName, id, kind } = options;
        const body: NewTenant = { displayName, kind, ...(id !== undefined && { id }) };
        const tenant = await client.command<TenantView>('POST', '/tenants', {
          key: keyOf(options.key),
          body: jsonBody(body),
        });
        report.one(tenant, [
          ['Tenant', tenant.id],
          ['Kind', tenant.kind],
          ['Name', tenant.displayName],
          ['State', tenant.state],
        ]);
      },
    );
}
