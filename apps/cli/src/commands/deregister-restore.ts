import { Command } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { followRun } from '../runs/follow-run.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

/** `groundcrew deregister restore`: within 30 days, as a run of its own. */
export function deregisterRestore(shell: Shell): Command {
  return new Command('restore')
    .description('bring back what a deregistration took out, within 30 days; who is owned elsewhere now is told so')
    .argument('<run>', 'id of the deregistration')
    .option('--device <id...>', 'these devices alone')
    .option('--watch', 'stay until the run is done')
    .addOption(keyOption())
    .action(async (runId: string, options: { device?: string[]; watch?: true; key?: string }, command) => {
      const session = shell.open(command as Command);
      const run = await session.client.command<RunView>(
        'POST',
        `/operations/${encodeURIComponent(runId)}/restorations`,
        {
          key: keyOf(options.key),
          body: jsonBody({ ...(options.device !== undefined && { deviceIds: options.device }) }),
        },
      );
      if (!options.watch) session.report.one(run, factsOfRun(run));
      else shell.exitCode = await followRun(session, run.id);
    });
}
