import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { identityOf, isAlive, type ProcessIdentity } from '../processes/identity.js';
import type { Progress } from '../progress.js';
import { cliVersion } from './release.js';

/** Outside every clone, so that a second clone starts at once; by version, so that two versions live side by side. */
export function cachedBinary(): string {
  const cache =
    process.env['GROUNDCREW_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'groundcrew');
  return join(cache, 'temporal', cliVersion, 'temporal');
}

/** Lets one process at a time fill the cache; the others wait and then find it filled. */
export async function whileHoldingCache<T>(folder: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'lock');
  const began = Date.now();
  while (!takeLock(lock)) {
    progress.tick(`another clone is fetching the server; waiting … ${Math.round((Date.now() - began) / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, JSON.stringify(identityOf(process.pid)), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // Its holder may have been killed.
  if (existsSync(lock) && !isHeld(lock)) rmSync(lock, { force: true });
  return false;
}

function isHeld(lock: string): boolean {
  try {
    return isAlive(JSON.parse(readFileSync(lock, 'utf8')) as ProcessIdentity);
  } catch {
    // Its holder is just writing it, or has just removed it.
    return true;
  }
}
