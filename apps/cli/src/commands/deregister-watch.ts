import { Command } from 'commander';
import type { DeregistrationView, LedgerDeviceView } from '@groundcrew/contracts';
import { followRun } from '../runs/follow-run.js';
import type { Shell } from '../session.js';

/** `groundcrew deregister watch`: stays until the run is done, and says which devices need a person. */
export function deregisterWatch(shell: Shell): Command {
  return new Command('watch')
    .description('follow a deregistration to its end, then show where its devices stand')
    .argument('<run>', 'id of the run')
    .option('--now', 'do not wait: show how it stands')
    .action(async (runId: string, options: { now?: true }, command) => {
      const session = shell.open(command as Command);
      const path = `/operations/${encodeURIComponent(runId)}`;
      if (!options.now) shell.exitCode = await followRun(session, runId);
      const view = await session.client.get<DeregistrationView>(`${path}/deregistration`);
      session.report.one(view, [
        ['Deregistration', view.operationId],
        ['Plan', view.planId],
        ['Path', view.path],
        ...Object.entries(view.devices).map(([state, devices]) => [state, devices] as const),
        ['Went forward', view.wentForward],
        ['Restored', view.restored],
      ]);
      if ((view.devices.needs_attention ?? 0) === 0 || session.report.output !== 'table') return;
      await session.report.many(
        session.client.items<LedgerDeviceView>(`${path}/devices`, { state: 'needs_attention' }),
        [
          { head: 'Device', cell: ({ deviceId }) => deviceId },
          { head: 'Serial number', cell: ({ serialNumber }) => serialNumber },
          { head: 'Step', cell: ({ step }) => step },
          { head: 'Code', cell: ({ code }) => code },
          { head: 'Difference', cell: ({ difference }) => difference },
        ],
      );
    });
}
