import { Command } from 'commander';
import type { ProfileRecord, ProfileView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';
import { factsOfProfile } from './profile-facts.js';
import { settingsOf, withSettings, type SettingOptions } from './setting-options.js';

type Options = SettingOptions & {
  tenant: string;
  name?: string;
  description?: string;
  clearDescription?: true;
  ifMatch?: string;
  key?: string;
};

/** `groundcrew profiles update`. What is not named stays. */
export function profilesUpdate(shell: Shell): Command {
  return withSettings(new Command('update'))
    .description('change a profile: what is named, and nothing else')
    .argument('<profile>', 'id of the profile')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--name <name>', 'another name')
    .option('--description <text>', 'another description')
    .option('--clear-description', 'no description any more')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (profileId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const settings = await settingsOf(options);
      const change = {
        ...(options.name !== undefined && { displayName: options.name }),
        ...(options.description !== undefined && { description: options.description }),
        ...(options.clearDescription && { description: null }),
        ...(settings !== null && { settings }),
      };
      if (Object.keys(change).length === 0)
        throw new UsageError('Say what is to change: --name, --description or --set.');
      const path = `/tenants/${encodeURIComponent(options.tenant)}/profiles/${encodeURIComponent(profileId)}`;
      const profile = await client.command<ProfileView>('PATCH', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<ProfileRecord>(path)).etag,
        body: jsonBody(change),
      });
      report.one(profile, factsOfProfile(profile));
    });
}
