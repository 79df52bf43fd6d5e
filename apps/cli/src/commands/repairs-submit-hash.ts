import { Command } from 'commander';
import type { RepairView } from '@groundcrew/contracts';
import { readFile } from 'node:fs/promises';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';
import { factsOfRepair, repairsOf } from './repair-facts.js';

/** `groundcrew repairs submit-hash`. From a file, because a hash is longer than a command line should be, and others can see that. */
export function repairsSubmitHash(shell: Shell): Command {
  return new Command('submit-hash')
    .description('register the repaired device by the hash of its new board, with the tag, order and user that it had')
    .argument('<repair>', 'id of the repair')
    .argument('<file>', 'the hardware hash in base64, and nothing else')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (repairId: string, path: string, options: { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const text = await readFile(path, 'utf8').catch((error: Error) => {
        throw new UsageError(error.message);
      });
      const address = `${repairsOf(options.tenant)}/${encodeURIComponent(repairId)}/hashes`;
      const repair = await client.command<RepairView>('POST', address, {
        key: keyOf(options.key),
        body: jsonBody({ hardwareIdentifier: text.trim() }),
      });
      report.one(repair, factsOfRepair(repair));
    });
}
