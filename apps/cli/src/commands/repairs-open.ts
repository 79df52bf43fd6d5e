import { Command } from 'commander';
import type { RepairView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';
import { factsOfRepair, repairsOf } from './repair-facts.js';

interface Options {
  tenant: string;
  why: string;
  donor?: string;
  recoveryKeysReason?: string;
  key?: string;
}

/** `groundcrew repairs open` */
export function repairsOpen(shell: Shell): Command {
  return new Command('open')
    .description('a board is replaced: deregister the device, and wait for the hash of the new board')
    .argument('<device>', 'id of the device')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--why <reason>', 'what is repaired')
    .option('--donor <device>', 'the device that the new board comes from; it has to be deregistered first')
    .option('--recovery-keys-reason <reason>', 'why escrowed recovery keys may be lost')
    .addOption(keyOption())
    .action(async (deviceId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const repair = await client.command<RepairView>('POST', repairsOf(options.tenant), {
        key: keyOf(options.key),
        body: jsonBody({
          deviceId,
          why: options.why,
          ...(options.donor !== undefined && { donorDeviceId: options.donor }),
          ...(options.recoveryKeysReason !== undefined && { recoveryKeysReason: options.recoveryKeysReason }),
        }),
      });
      report.one(repair, factsOfRepair(repair));
      report.note(`When it is back: groundcrew repairs submit-hash ${repair.id} <file> --tenant ${repair.tenantId}`);
    });
}
