import { Command } from 'commander';
import type { ProfileView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';
import { factsOfProfile } from './profile-facts.js';
import { settingsOf, withSettings, type SettingOptions } from './setting-options.js';

type Options = SettingOptions & { tenant: string; name: string; description?: string; id?: string; key?: string };

/** `groundcrew profiles create` */
export function profilesCreate(shell: Shell): Command {
  return withSettings(new Command('create'))
    .description('create a deployment profile; what is not said has its default')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--name <name>', 'its name')
    .option('--description <text>', 'what it is for')
    .option('--id <id>', 'made up where it is left out')
    .addOption(keyOption())
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const settings = await settingsOf(options);
      const profile = await client.command<ProfileView>(
        'POST',
        `/tenants/${encodeURIComponent(options.tenant)}/profiles`,
        {
          key: keyOf(options.key),
          body: jsonBody({
            displayName: options.name,
            ...(options.id !== undefined && { id: options.id }),
            ...(options.description !== undefined && { description: options.description }),
            ...(settings !== null && { settings }),
          }),
        },
      );
      report.one(profile, factsOfProfile(profile));
    });
}
