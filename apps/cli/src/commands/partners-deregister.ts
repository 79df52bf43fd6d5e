import { Command, Option } from 'commander';
import type { DeregistrationPlanView, RunView } from '@groundcrew/contracts';
import { deregistrationReasons, type DeregistrationReason } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import { followRun } from '../runs/follow-run.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Session, Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';

interface Options {
  partner: string;
  tenant: string;
  reason?: DeregistrationReason;
  note?: string;
  plan?: string;
  watch?: true;
  key?: string;
}

/** `groundcrew partners deregister`: first a plan, by exact ids; then the plan, by its id. */
export function partnersDeregister(shell: Shell): Command {
  return new Command('deregister')
    .description('plan to take registrations of a customer away, and nothing else of the devices; --plan executes')
    .argument('[device...]', 'ids of the devices')
    .requiredOption('--partner <id>', 'the partner that asks')
    .requiredOption('--tenant <id>', 'the customer')
    .addOption(new Option('--reason <reason>', 'why').choices(deregistrationReasons))
    .option('--note <text>', 'kept with the plan')
    .addOption(new Option('--plan <id>', 'execute this plan as it was read').conflicts(['reason', 'note']))
    .option('--watch', 'stay until it is done')
    .addOption(keyOption())
    .action(async (deviceIds: string[], options: Options, command) => {
      const session = shell.open(command as Command);
      if (options.plan === undefined) return await plan(session, deviceIds, options);
      if (deviceIds.length > 0) throw new UsageError('A plan knows its devices: give either devices or --plan.');
      const run = await session.client.command<RunView>('POST', pathOf(options), {
        key: keyOf(options.key),
        body: jsonBody({ tenantId: options.tenant, planId: options.plan }),
      });
      if (options.watch) shell.exitCode = await followRun(session, run.id);
      else session.report.one(run, factsOfRun(run));
    });
}

async function plan({ client, report }: Session, deviceIds: string[], options: Options): Promise<void> {
  const { tenant, reason, note, key } = options;
  if (deviceIds.length === 0 || reason === undefined) throw new UsageError('Name the devices by id, and the --reason.');
  const frozen = await client.command<DeregistrationPlanView>('POST', pathOf(options), {
    key: keyOf(key),
    query: { dryRun: 'true' },
    body: jsonBody({ tenantId: tenant, reason, deviceIds, ...(note !== undefined && { note }) }),
  });
  report.one(frozen, [
    ['Plan', frozen.id],
    ['Devices', frozen.devices],
    ['Held up', frozen.blocked],
    ['Goes', 'the registration'],
    ['Stays', frozen.remains.join(', ').replaceAll('_', ' ')],
    ['Needs', frozen.needs.join('; ') || null],
    ['Expires', frozen.expiresAt],
    ['Execute with', `--plan ${frozen.id}`],
  ]);
}

function pathOf({ partner }: Options): string {
  return `/partners/${encodeURIComponent(partner)}/deregistrations`;
}
