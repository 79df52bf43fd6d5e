import { Command } from 'commander';
import type { RunView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { followRun } from '../runs/follow-run.js';
import { resolutions } from '../runs/run-asks.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';

interface Options {
  reason: string;
  key?: string;
  watch?: true;
}

/** `groundcrew runs retry`, `confirm`, `abandon`: what a person decides about a run that needs one. */
export function runsResolve(shell: Shell, decision: keyof typeof resolutions): Command {
  return new Command(decision)
    .description(resolutions[decision])
    .argument('<run>', 'id of the run')
    .requiredOption('--reason <text>', 'kept with the run and in the audit trail')
    .option('--watch', 'stay until it is done')
    .addOption(keyOption())
    .action(async (runId: string, options: Options, command) => {
      const session = shell.open(command as Command);
      const run = await session.client.command<RunView>(
        'POST',
        `/operations/${encodeURIComponent(runId)}/resolutions`,
        {
          key: keyOf(options.key),
          body: jsonBody({ decision, reason: options.reason }),
        },
      );
      if (options.watch) shell.exitCode = await followRun(session, run.id);
      else session.report.one(run, factsOfRun(run));
    });
}
