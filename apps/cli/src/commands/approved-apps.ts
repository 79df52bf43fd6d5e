import { Command } from 'commander';
import type { ApprovedAppView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import type { Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

const pathOf = (tenant: string) => `/tenants/${encodeURIComponent(tenant)}/approvedApps`;

const columns: Column<ApprovedAppView>[] = [
  { head: 'APP', cell: (app) => app.id },
  { head: 'NAME', cell: (app) => app.displayName },
  { head: 'APPROVED', cell: (app) => app.addedAt },
];

/** `groundcrew apps list` */
export function appsList(shell: Shell): Command {
  return withLimit(new Command('list'))
    .description('list the applications that Windows 11 SE accepts')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: ListOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const apps = client.items<ApprovedAppView>(pathOf(options.tenant), { maxpagesize: pageSizeOf(options) });
      await report.many(limited(apps, options, report), columns);
    });
}

/** `groundcrew apps approve` */
export function appsApprove(shell: Shell): Command {
  return new Command('approve')
    .description('declare an application as approved for Windows 11 SE')
    .argument('<app>', 'id of the application')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--name <name>', 'its name')
    .addOption(keyOption())
    .action(async (id: string, options: { tenant: string; name: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const app = await client.command<ApprovedAppView>('POST', pathOf(options.tenant), {
        key: keyOf(options.key),
        body: jsonBody({ id, displayName: options.name }),
      });
      report.one(app, [
        ['App', app.id],
        ['Name', app.displayName],
        ['Approved', app.addedAt],
      ]);
    });
}

/** `groundcrew apps withdraw` */
export function appsWithdraw(shell: Shell): Command {
  return new Command('withdraw')
    .description('take the approval of an application back')
    .argument('<app>', 'id of the application')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (id: string, options: { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      await client.command('DELETE', `${pathOf(options.tenant)}/${encodeURIComponent(id)}`, {
        key: keyOf(options.key),
      });
      report.one({ id, withdrawn: true }, [['Withdrawn', id]]);
    });
}
