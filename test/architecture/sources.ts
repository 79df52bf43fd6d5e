import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = resolve(fileURLToPath(import.meta.url), '../../..');

/** The TypeScript files below a folder of the workspace that are not tests. */
export function sourceFilesOf(folder: string): string[] {
  return readdirSync(join(workspaceRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        name.endsWith('.ts') && !/(\.spec|\.contract)\.ts$/.test(name) && !/(^|\/)(dist|node_modules)\//.test(name),
    )
    .map((name) => join(workspaceRoot, folder, name));
}

/** The projects that a project imports, by name. */
export function workspaceImportsOf(folder: string): string[] {
  const found = new Set<string>();
  for (const file of sourceFilesOf(folder)) {
    for (const match of readFileSync(file, 'utf8').matchAll(/from '@groundcrew\/([a-z-]+)/g)) found.add(match[1]!);
  }
  return [...found];
}
