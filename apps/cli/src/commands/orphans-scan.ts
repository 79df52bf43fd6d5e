import { Command, Option } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import { repairableOrphans } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import { followRun } from '../runs/follow-run.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

interface Options {
  tenant: string;
  repair?: string[];
  key?: string;
  watch?: true;
}

/** `groundcrew orphans scan` */
export function orphansScan(shell: Shell): Command {
  return new Command('scan')
    .description('compare registration, directory, management and partner view of a tenant')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(new Option('--repair <class...>', 'repair what is found of these classes').choices(repairableOrphans))
    .option('--watch', 'stay until the scan is done')
    .addOption(keyOption())
    .action(async (options: Options, command) => {
      const session = shell.open(command as Command);
      const run = await session.client.command<RunView>(
        'POST',
        `/tenants/${encodeURIComponent(options.tenant)}/orphanScans`,
        { key: keyOf(options.key), body: jsonBody({ ...(options.repair && { repair: options.repair }) }) },
      );
      if (!options.watch) session.report.one(run, factsOfRun(run));
      else await followRun(session, run.id);
    });
}
