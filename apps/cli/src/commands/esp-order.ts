import { Command } from 'commander';
import type { EspView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { espColumns } from './esp-facts.js';
import { jsonBody } from './json-body.js';

/** `groundcrew esp order`: every page but the default, from the first to the last. */
export function espOrder(shell: Shell): Command {
  return new Command('order')
    .description('put all pages but the default into this order')
    .argument('<page...>', 'ids of the pages, the first one to be asked first')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(keyOption())
    .action(async (espIds: string[], options: { tenant: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}/espOrder`;
      const ordered = await client.command<{ value: EspView[] }>('POST', path, {
        key: keyOf(options.key),
        body: jsonBody({ espIds }),
      });
      await report.many(each(ordered.value), espColumns);
    });
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
