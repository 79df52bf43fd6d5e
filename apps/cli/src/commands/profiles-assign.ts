import { Command, Option } from 'commander';
import type { ProfileTargetsAnswer, ProfileTargetsChange, ProfileTargetsView } from '@groundcrew/contracts';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';
import { factsOfTargets } from './profile-facts.js';

interface Options extends TargetOptions {
  tenant: string;
  ifMatch?: string;
  key?: string;
}

/** Whom somebody wants to give a profile to. */
export interface TargetOptions {
  include?: string[];
  exclude?: string[];
  allDevices?: boolean;
  nobody?: true;
}

/** Adds the options to a command that is about targets. */
export function withTargets(command: Command): Command {
  return command
    .option('--include <group...>', 'the groups that get it, in place of those that do')
    .option('--exclude <group...>', 'the groups that do not, in place of those that do not')
    .option('--all-devices', 'every device that nothing else reaches gets it')
    .option('--no-all-devices', 'not every device any more')
    .addOption(new Option('--nobody', 'take it from everybody').conflicts(['include', 'exclude', 'allDevices']));
}

/** The change that the options mean. @throws UsageError where they mean none */
export function targetsChangeOf(options: TargetOptions): ProfileTargetsChange {
  if (options.nobody) return { includedGroups: [], excludedGroups: [], allDevices: false };
  const change = {
    ...(options.include !== undefined && { includedGroups: options.include }),
    ...(options.exclude !== undefined && { excludedGroups: options.exclude }),
    ...(options.allDevices !== undefined && { allDevices: options.allDevices }),
  };
  if (Object.keys(change).length > 0) return change;
  throw new UsageError('Say whom: --include, --exclude, --all-devices, --no-all-devices or --nobody.');
}

/** `groundcrew profiles assign` */
export function profilesAssign(shell: Shell): Command {
  return withTargets(new Command('assign'))
    .description('give a profile to groups or to all devices; one run then moves the devices')
    .argument('<profile>', 'id of the profile')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--if-match <etag>', 'only if its assignments still are this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (profileId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const change = targetsChangeOf(options);
      const tenant = encodeURIComponent(options.tenant);
      const path = `/tenants/${tenant}/profiles/${encodeURIComponent(profileId)}/assignments`;
      const given = await client.command<ProfileTargetsAnswer>('PATCH', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<ProfileTargetsView>(path)).etag,
        body: jsonBody(change),
      });
      report.one(given, [...factsOfTargets(given), ['Run', given.operationId]]);
    });
}
