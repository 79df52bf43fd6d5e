import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { removeOutsideData } from './postgres/location.js';
import { isInUse, Ledger } from './processes/ledger.js';
import { ensureFolder, workspaceRoot } from './workspace.js';

// Named by the clone, so that this clone's next run finds what a killed one has left, and nobody else's.
const PREFIX = `groundcrew-${createHash('sha256').update(workspaceRoot).digest('hex').slice(0, 12)}-`;

/** A folder for servers that only live as long as a test or a benchmark. */
export function ephemeralFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${purpose}-`));
  ensureFolder(folder);
  return folder;
}

/** Removes it with everything that lies elsewhere on its behalf. Its servers have to be stopped. */
export function removeEphemeralFolder(folder: string): void {
  removeOutsideData(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Stops and removes what runs of this clone left behind when they were killed. */
export async function sweepEphemeralFolders(report: (line: string) => void): Promise<void> {
  const left = readdirSync(tmpdir())
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(tmpdir(), name))
    // Without a ledger it has just been made.
    .filter((folder) => existsSync(join(folder, 'processes.json')) && !isInUse(folder));
  for (const folder of left) {
    const ledger = await Ledger.open(folder, report);
    removeEphemeralFolder(folder);
    ledger.closeIfIdle();
  }
}
