import { Command } from 'commander';
import type { RunView, SurfaceCaseView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import { followRun } from '../runs/follow-run.js';
import { factsOfRun } from '../runs/run-report.js';
import type { Shell } from '../session.js';
import { factsOfCase } from './case-facts.js';

/** `groundcrew cases approve` */
export function casesApprove(shell: Shell): Command {
  return new Command('approve')
    .description('register the devices of a case for its tenant (operators)')
    .argument('<case>', 'id of the case')
    .addOption(keyOption())
    .option('--watch', 'stay until every row has its verdict')
    .action(async (id: string, options: { key?: string; watch?: true }, command) => {
      const session = shell.open(command as Command);
      const path = `/surfaceCases/${encodeURIComponent(id)}/approvals`;
      const run = await session.client.command<RunView>('POST', path, { key: keyOf(options.key) });
      if (options.watch) shell.exitCode = await followRun(session, run.id);
      else session.report.one(run, factsOfRun(run));
    });
}

/** `groundcrew cases decline` */
export function casesDecline(shell: Shell): Command {
  return new Command('decline')
    .description('decline a case (operators)')
    .argument('<case>', 'id of the case')
    .requiredOption('--reason <text>', 'what the tenant will read')
    .addOption(keyOption())
    .action(async (id: string, options: { key?: string; reason: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const body = JSON.stringify({ reason: options.reason });
      const declined = await client.command<SurfaceCaseView>(
        'POST',
        `/surfaceCases/${encodeURIComponent(id)}/declines`,
        { key: keyOf(options.key), body: { contentType: 'application/json', open: () => body } },
      );
      report.one(declined, factsOfCase(declined));
    });
}
