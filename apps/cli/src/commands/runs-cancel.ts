import { Command } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { followRun } from '../runs/follow-run.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

interface Options {
  reason?: string;
  key?: string;
  watch?: true;
}

/** `groundcrew runs cancel`. It names one run by its id. */
export function runsCancel(shell: Shell): Command {
  return new Command('cancel')
    .description('cancel a run: what it did is taken back, what was there before stays')
    .argument('<run>', 'id of the run')
    .option('--reason <text>', 'kept with the run and in the audit trail')
    .option('--watch', 'stay until everything is taken back')
    .addOption(keyOption())
    .action(async (runId: string, options: Options, command) => {
      const session = shell.open(command as Command);
      const run = await session.client.command<RunView>(
        'POST',
        `/operations/${encodeURIComponent(runId)}/cancellations`,
        {
          key: keyOf(options.key),
          body: jsonBody({ ...(options.reason !== undefined && { reason: options.reason }) }),
        },
      );
      if (!options.watch) session.report.one(run, factsOfRun(run));
      // What was asked for is that it ends as cancelled: that rows are rejected is no failure here.
      else await followRun(session, run.id);
    });
}
