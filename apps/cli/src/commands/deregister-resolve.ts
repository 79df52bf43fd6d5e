import { Command, Option } from 'commander';
import type { DeregistrationView, DeviceResolution } from '@groundcrew/contracts';
import { attentionCodes, resolutions, type AttentionCode, type Resolution } from '@groundcrew/domain';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';

interface Options {
  device?: string[];
  code?: AttentionCode;
  reason?: string;
  key?: string;
}

/** `groundcrew deregister resolve`: decides about devices that cannot go on. */
export function deregisterResolve(shell: Shell): Command {
  return new Command('resolve')
    .description('decide about devices that need a person: by id, or all with the same code')
    .argument('<run>', 'id of the run')
    .addOption(new Option('--decision <decision>', 'what is done').choices(resolutions).makeOptionMandatory())
    .option('--device <id...>', 'these devices')
    .addOption(new Option('--code <code>', 'all devices with this code').choices(attentionCodes))
    .option('--reason <text>', 'needed to skip and to abandon')
    .addOption(keyOption())
    .action(async (runId: string, options: Options & { decision: Resolution }, command) => {
      const { client, report } = shell.open(command as Command);
      const { decision, device, code, reason } = options;
      if ((device === undefined) === (code === undefined)) throw new UsageError('Give --device or --code.');
      const body: DeviceResolution = {
        decision,
        ...(device !== undefined && { deviceIds: device }),
        ...(code !== undefined && { code }),
        ...(reason !== undefined && { reason }),
      };
      const view = await client.command<DeregistrationView>(
        'POST',
        `/operations/${encodeURIComponent(runId)}/deviceResolutions`,
        { key: keyOf(options.key), body: jsonBody(body) },
      );
      report.one(view, [
        ['Deregistration', view.operationId],
        ...Object.entries(view.devices).map(([state, devices]) => [state, devices] as const),
      ]);
    });
}
