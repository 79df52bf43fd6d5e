import { Command } from 'commander';
import type { SurfaceCaseView } from '@groundcrew/contracts';
import { readFile } from 'node:fs/promises';
import { keyOf, keyOption } from '../idempotency-key.js';
import { unreadable } from '../orders/order-file.js';
import type { Shell } from '../session.js';
import { factsOfCase } from './case-facts.js';

interface Options {
  tenant: string;
  domain: string;
  serials: string;
  proof: string;
  key?: string;
}

/** `groundcrew cases open` */
export function casesOpen(shell: Shell): Command {
  return new Command('open')
    .description('ask to have Surface devices registered')
    .requiredOption('--tenant <id>', 'the tenant whose devices they are')
    .requiredOption('--domain <name>', 'a domain of the tenant')
    .requiredOption('--serials <file>', 'serial numbers, one per line')
    .requiredOption('--proof <file>', 'the original invoice or bill of sale as PDF')
    .addOption(keyOption())
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const content = (await read(options.proof)).toString('base64');
      const body = JSON.stringify({
        domain: options.domain,
        serialNumbers: (await read(options.serials)).toString('utf8'),
        proofOfOwnership: { mediaType: 'application/pdf', content },
      });
      const opened = await client.command<SurfaceCaseView>(
        'POST',
        `/tenants/${encodeURIComponent(options.tenant)}/surfaceCases`,
        { key: keyOf(options.key), body: { contentType: 'application/json', open: () => body } },
      );
      report.one(opened, factsOfCase(opened));
    });
}

async function read(path: string): Promise<Buffer> {
  return await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}
