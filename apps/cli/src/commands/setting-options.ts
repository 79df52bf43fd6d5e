import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { UsageError } from '../usage.error.js';

/** How a command is told settings: one by one, or in a file. */
export interface SettingOptions {
  set?: string[];
  settings?: string;
}

/** Adds the options to a command that writes settings. */
export function withSettings(command: Command): Command {
  return command
    .option(
      '--set <name=value>',
      'a setting by its name in the API; true, false, null, numbers and JSON are read as such',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option('--settings <file>', 'settings as JSON; --set goes over them');
}

/** The settings that were given; null where none were. Whether they make sense is the service's to say. */
export async function settingsOf({
  set = [],
  settings: path,
}: SettingOptions): Promise<Record<string, unknown> | null> {
  if (set.length === 0 && path === undefined) return null;
  const settings = path === undefined ? {} : await settingsIn(path);
  for (const given of set) {
    const [name, ...rest] = given.split('=');
    if (name === undefined || name === '' || rest.length === 0)
      throw new UsageError(`--set takes name=value, not '${given}'.`);
    settings[name] = valueOf(rest.join('='));
  }
  return settings;
}

async function settingsIn(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  });
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${path} does not hold a JSON object.`);
  }
  return { ...value };
}

function valueOf(text: string): unknown {
  const value = jsonOf(text);
  return value === undefined ? text : value;
}

/** Undefined where it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
