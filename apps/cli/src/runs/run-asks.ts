import type { RunView } from '@groundcrew/contracts';
import { commandsOf, replacementAsks, type RunCommand } from '@groundcrew/domain';
import { problemOf, removalOf } from './run-report.js';

/** What a person decides about a run that needs one. */
export const resolutions = {
  retry: 'let a run that needs attention go through its rows again',
  confirm: 'say yes to what a run that needs attention asks',
  abandon: 'end a run that needs attention as it is',
} as const satisfies Partial<Record<RunCommand, string>>;

/** What a run that needs a person says to that person, with the commands that answer; null where it needs none. */
export function askOf(run: RunView): string | null {
  if (run.done || run.subStatus !== 'NeedsAttention') return null;
  // Whoever asks can be told yes; what has any other problem can be tried again.
  const asks = run.problem?.['code'] === replacementAsks;
  const why = asks
    ? `may it take away ${removalOf(run)}?`
    : `${problemOf(run) ?? 'some of it cannot go on by itself'}.`;
  return [`It needs a person: ${why}`, ...answersTo(run, asks).map((command) => `  groundcrew ${command}`)].join('\n');
}

function answersTo({ id, kind }: RunView, asks: boolean): string[] {
  if (kind === 'deregistration') return [`deregister watch ${id} --now`, `deregister resolve ${id}`];
  const commands = (commandsOf[kind] ?? []).filter((command) => command !== (asks ? 'retry' : 'confirm'));
  return commands.length === 0
    ? [`runs show ${id} --steps`]
    : commands.map((command) => `runs ${command} ${id} --reason <text>`);
}
