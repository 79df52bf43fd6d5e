import { Command } from 'commander';
import type { DomainView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

const pathOf = (tenant: string) => `/tenants/${encodeURIComponent(tenant)}/domains`;

const columns: Column<DomainView>[] = [
  { head: 'DOMAIN', cell: (domain) => domain.name },
  { head: 'ADDED', cell: (domain) => domain.addedAt },
];

/** `groundcrew tenants domains` */
export function tenantsDomains(shell: Shell): Command {
  return withLimit(new Command('domains'))
    .description('list the domains of a tenant: devices may be meant for their users')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const domains = client.items<DomainView>(pathOf(options.tenant), { maxpagesize: pageSizeOf(options) });
      await report.many(limited(domains, options, report), columns);
    });
}

/** `groundcrew tenants add-domain` */
export function tenantsAddDomain(shell: Shell): Command {
  return new Command('add-domain')
    .description('add a domain of a tenant')
    .argument('<name>', 'the domain, like contoso.com')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (name: string, options: { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const domain = await client.command<DomainView>('POST', pathOf(options.tenant), {
        key: keyOf(options.key),
        body: jsonBody({ name }),
      });
      report.one(domain, [
        ['Domain', domain.name],
        ['Added', domain.addedAt],
      ]);
    });
}
