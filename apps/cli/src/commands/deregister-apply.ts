import { Command } from 'commander';
import type { PlanExecutionBody, RunView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { positiveInteger } from '../output/limit.js';
import { followRun } from '../runs/follow-run.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

interface Options {
  tenant: string;
  count?: number;
  loseRecoveryKeys?: string;
  grace?: number;
  watch?: true;
  key?: string;
}

/** `groundcrew deregister apply`: executes a plan as it was read, or is told what has moved since. */
export function deregisterApply(shell: Shell): Command {
  return new Command('apply')
    .description('execute a plan as it was read; refused, with the difference, where reality has moved')
    .argument('<plan>', 'id of the plan')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--count <number>', 'how many devices the plan has, where a filter chose them', positiveInteger)
    .option('--lose-recovery-keys <reason>', 'why escrowed recovery keys may be lost')
    .option('--grace <seconds>', 'wait so long before anything is done', positiveInteger)
    .option('--watch', 'stay until the run is done')
    .addOption(keyOption())
    .action(async (planId: string, options: Options, command) => {
      const session = shell.open(command as Command);
      const body: PlanExecutionBody = {
        planId,
        ...(options.count !== undefined && { typedCount: options.count }),
        ...(options.loseRecoveryKeys !== undefined && { recoveryKeysReason: options.loseRecoveryKeys }),
        ...(options.grace !== undefined && { graceSeconds: options.grace }),
      };
      const run = await session.client.command<RunView>(
        'POST',
        `/tenants/${encodeURIComponent(options.tenant)}/deregistrations`,
        { key: keyOf(options.key), body: jsonBody(body) },
      );
      if (!options.watch) session.report.one(run, factsOfRun(run));
      else shell.exitCode = await followRun(session, run.id);
    });
}
