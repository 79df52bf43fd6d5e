import { chmodSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone this file belongs to; the same from `src` (jest) and from `dist` (node). */
export const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Everything that one machine keeps: data, secrets, logs, the demo. */
export const defaultFolder = join(workspaceRoot, '.groundcrew');

/** The Node that the repository brings, whoever started us. */
export const nodeBinary = join(workspaceRoot, 'node_modules', '.bin', 'node');

/**
 * PostgreSQL's own user must be able to pass through on its way to the data, but not to look around.
 */
export function ensureFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
}

/** The environment of a child: ours, without what belongs to jest or to the launcher of this process. */
export function childEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'JEST_WORKER_ID', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE']) {
    delete inherited[name];
  }
  const bin = join(workspaceRoot, 'node_modules', '.bin');
  return { ...inherited, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, ...extra };
}
