import type { Command } from 'commander';
import { positiveInteger } from '../output/limit.js';
import { settingsOf, withSettings, type SettingOptions } from './setting-options.js';

/** What a command may say about a page. */
export interface EspDraftOptions extends SettingOptions {
  name?: string;
  description?: string;
  priority?: number;
  deviceGroup?: string[];
  userGroup?: string[];
}

/** Adds the options to a command that writes a page. */
export function withEspDraft(command: Command): Command {
  return withSettings(command)
    .option('--name <name>', 'its name')
    .option('--description <text>', 'what it is for')
    .option('--priority <place>', 'its place in the order, from 1', positiveInteger)
    .option('--device-group <group...>', 'groups of devices that see it, in place of those that do')
    .option('--user-group <group...>', 'groups of users that see it, in place of those that do');
}

/** The body that the options mean: what is not said is left out. */
export async function espBodyOf(options: EspDraftOptions): Promise<Record<string, unknown>> {
  const settings = await settingsOf(options);
  return {
    ...(options.name !== undefined && { displayName: options.name }),
    ...(options.description !== undefined && { description: options.description }),
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(options.deviceGroup !== undefined && { deviceGroups: options.deviceGroup }),
    ...(options.userGroup !== undefined && { userGroups: options.userGroup }),
    ...(settings !== null && { settings }),
  };
}
