import { Command } from 'commander';
import type { EspView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { espBodyOf, withEspDraft, type EspDraftOptions } from './esp-draft-options.js';
import { factsOfEsp } from './esp-facts.js';
import { jsonBody } from './json-body.js';

type Options = EspDraftOptions & { tenant: string; ifMatch?: string; key?: string };

/** `groundcrew esp update`. What is not named stays. */
export function espUpdate(shell: Shell): Command {
  return withEspDraft(new Command('update'))
    .description('change an Enrollment Status Page: what is named, and nothing else')
    .argument('<page>', 'id of the page')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (espId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const change = await espBodyOf(options);
      if (Object.keys(change).length === 0) throw new UsageError('Say what is to change.');
      const path = `/tenants/${encodeURIComponent(options.tenant)}/espProfiles/${encodeURIComponent(espId)}`;
      const esp = await client.command<EspView>('PATCH', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<EspView>(path)).etag,
        body: jsonBody(change),
      });
      report.one(esp, factsOfEsp(esp));
    });
}
