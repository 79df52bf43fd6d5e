import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureFolder } from '../workspace.js';
import { endProcess, identityOf, isAlive, signalProcess, type ProcessIdentity } from './identity.js';

interface LedgerEntry extends ProcessIdentity {
  name: string;
  stopSignal: NodeJS.Signals;
}

interface LedgerPage {
  owner: ProcessIdentity | null;
  processes: LedgerEntry[];
}

const open = new Map<string, Ledger>();

/**
 * Which processes run for a folder, and for whom. It survives a SIGKILL of the one who started them, so that the next
 * start stops what was left behind, and nothing else.
 */
export class Ledger {
  readonly #file: string;
  #page: LedgerPage;

  private constructor(readonly folder: string) {
    this.#file = join(folder, 'processes.json');
    this.#page = readPage(this.#file);
  }

  /** Takes the folder over. Refuses when another live process works in it; stops what a dead one left running. */
  static async open(folder: string, report: (line: string) => void = () => undefined): Promise<Ledger> {
    const known = open.get(folder);
    if (known !== undefined) return known;

    ensureFolder(folder);
    const ledger = new Ledger(folder);
    const { owner, processes } = ledger.#page;
    if (owner !== null && owner.pid !== process.pid && isAlive(owner)) {
      throw new FolderInUse(folder, owner.pid);
    }
    const leftovers = processes.filter(isAlive);
    for (const leftover of leftovers.toReversed()) {
      report(`stopping ${leftover.name} (process ${leftover.pid}), left over from a start that was killed`);
      await endProcess(leftover, leftover.stopSignal, 20);
    }
    ledger.#write({ owner: identityOf(process.pid) ?? null, processes: [] });
    open.set(folder, ledger);
    return ledger;
  }

  record(name: string, pid: number, stopSignal: NodeJS.Signals): ProcessIdentity | undefined {
    const identity = identityOf(pid);
    if (identity === undefined) return undefined;
    this.#write({ ...this.#page, processes: [...this.#page.processes, { name, ...identity, stopSignal }] });
    return identity;
  }

  forget(pid: number): void {
    this.#write({ ...this.#page, processes: this.#page.processes.filter((entry) => entry.pid !== pid) });
  }

  /** Ends at once whatever runs for this process in any folder: somebody asked twice. */
  static killEverything(): void {
    for (const ledger of open.values()) for (const entry of ledger.#page.processes) signalProcess(entry, 'SIGKILL');
  }

  /** Lets the folder go when nothing runs in it any more. */
  closeIfIdle(): void {
    if (this.#page.processes.length > 0) return;
    this.#write({ owner: null, processes: [] });
    open.delete(this.folder);
  }

  #write(page: LedgerPage): void {
    this.#page = page;
    // The folder of an ephemeral stack may be gone before the last process reports its end.
    if (!existsSync(this.folder)) return;
    const draft = `${this.#file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(page, null, 2));
    renameSync(draft, this.#file);
  }
}

export class FolderInUse extends Error {
  readonly code = 'stack.folder-in-use';

  constructor(folder: string, pid: number) {
    super(`Process ${pid} already runs Groundcrew from ${folder}. Stop it first (Ctrl-C there, or kill ${pid}).`);
  }
}

/** Whether somebody who is alive works in this folder. */
export function isInUse(folder: string): boolean {
  const { owner } = readPage(join(folder, 'processes.json'));
  return owner !== null && isAlive(owner);
}

function readPage(file: string): LedgerPage {
  if (!existsSync(file)) return { owner: null, processes: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as LedgerPage;
}
