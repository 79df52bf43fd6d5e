import { Command } from 'commander';
import type { SurfaceCaseView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';
import { factsOfCase } from './case-facts.js';

/** `groundcrew cases show` */
export function casesShow(shell: Shell): Command {
  return new Command('show')
    .description('show a case: where it stands, and the run that it became')
    .argument('<case>', 'id of the case')
    .action(async (id: string, _options: object, command) => {
      const { client, report } = shell.open(command as Command);
      const found = await client.get<SurfaceCaseView>(`/surfaceCases/${encodeURIComponent(id)}`);
      report.one(found, factsOfCase(found));
    });
}
