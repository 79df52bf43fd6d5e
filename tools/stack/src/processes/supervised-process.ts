import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { giveWay } from './give-way.js';
import type { Ledger } from './ledger.js';

export interface ProcessPlan {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Run as this account; only root can ask for it. */
  account?: { uid: number; gid: number };
  /** How far it gives way to the others where processors are scarce: 0 (not at all) to 19. */
  niceness?: number;
  logFile: string;
  stopSignal: NodeJS.Signals;
  stopPatienceSeconds: number;
  readyPatienceSeconds: number;
  /** Whether the process does its work now; asked again and again until it says yes. */
  isReady(output: string): Promise<boolean>;
  /** A first start that ended with this output is worth another try. */
  startIsWorthRepeating?(output: string): boolean;
}

export interface Supervision {
  ledger: Ledger;
  /** Start it again when it dies. */
  supervise: boolean;
  report?: (line: string) => void;
}

type Phase = 'stopped' | 'starting' | 'ready' | 'died';

const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
/** A process that lived this long died of something new: the pauses begin anew. */
const HEALTHY_MILLISECONDS = 10_000;
const TAIL_BYTES = 4_096;

/**
 * One child process: started, watched, restarted with growing pauses when it dies, stopped on request.
 * It writes straight into its log file, so it goes on undisturbed when its supervisor is killed, and it leads a process group
 * of its own, so that a Ctrl-C in the terminal reaches the supervisor alone, which then stops its children in order.
 */
export class SupervisedProcess {
  #child: ChildProcess | undefined;
  #phase: Phase = 'stopped';
  #logOffset = 0;
  #bornAt = 0;
  #pauseMilliseconds = FIRST_PAUSE_MILLISECONDS;
  #comeback: NodeJS.Timeout | undefined;
  #stopping = false;
  /** Somebody waits in `start()` and decides what a death means; later deaths are the supervisor's business. */
  #attended = false;

  constructor(
    readonly plan: ProcessPlan,
    private readonly supervision: Supervision,
  ) {}

  get name(): string {
    return this.plan.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return this.waitReady();
    clearTimeout(this.#comeback);
    this.#stopping = false;
    this.#pauseMilliseconds = FIRST_PAUSE_MILLISECONDS;
    this.#attended = true;
    try {
      await this.#startAttended();
    } finally {
      this.#attended = false;
    }
  }

  /** Waits until it does its work; when it is supervised, across deaths. */
  async waitReady(patienceSeconds: number = this.plan.readyPatienceSeconds): Promise<void> {
    const deadline = Date.now() + patienceSeconds * 1000;
    while (this.#phase !== 'ready') {
      const lost = this.#phase === 'stopped' || (this.#phase === 'died' && this.#comeback === undefined);
      if (lost) throw new Error(`${this.name} ended before it was ready.${this.#explanation()}`);
      if (Date.now() > deadline) {
        throw new Error(`${this.name} was not ready within ${Math.round(patienceSeconds)} s.${this.#explanation()}`);
      }
      await pause(25);
    }
  }

  /** Asks it to end, insists after its patience, and does not start it again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#comeback);
    this.#comeback = undefined;
    const child = this.#child;
    if (child !== undefined) {
      const ended = endOf(child);
      child.kill(this.plan.stopSignal);
      // A process that a test froze cannot hear anything else.
      child.kill('SIGCONT');
      const insist = setTimeout(() => child.kill('SIGKILL'), this.plan.stopPatienceSeconds * 1000);
      await ended;
      clearTimeout(insist);
    }
    this.#phase = 'stopped';
  }

  /** Sends a signal as the outside world would; after one that kills, waits for the end. A supervised process comes back. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = endOf(child);
    child.kill(signal);
    if (signal === 'SIGKILL') await ended;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** What it has written since it was last started. */
  output(): string {
    return readFrom(this.plan.logFile, this.#logOffset);
  }

  async #startAttended(): Promise<void> {
    const deadline = Date.now() + this.plan.readyPatienceSeconds * 1000;
    for (;;) {
      this.#spawn();
      try {
        return await this.waitReady((deadline - Date.now()) / 1000);
      } catch (error) {
        const repeat = this.#phase === 'died' && this.plan.startIsWorthRepeating?.(this.output()) === true;
        if (repeat && Date.now() < deadline) {
          await pause(FIRST_PAUSE_MILLISECONDS);
          continue;
        }
        await this.stop();
        throw error;
      }
    }
  }

  #spawn(): void {
    mkdirSync(dirname(this.plan.logFile), { recursive: true });
    const log = openSync(this.plan.logFile, 'a');
    this.#logOffset = statSync(this.plan.logFile).size;
    const child = spawn(this.plan.command, this.plan.args, {
      env: this.plan.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...(this.plan.cwd === undefined ? {} : { cwd: this.plan.cwd }),
      ...this.plan.account,
    });
    closeSync(log);
    this.#child = child;
    this.#phase = 'starting';
    this.#bornAt = Date.now();
    this.#comeback = undefined;
    if (child.pid !== undefined) {
      this.supervision.ledger.record(this.name, child.pid, this.plan.stopSignal);
      giveWay(child.pid, this.plan.niceness ?? 0);
    }
    child.once('error', (error) => this.#afterDeath(child, error.message));
    child.once('exit', (code, signal) => this.#afterDeath(child, signal ?? `exit code ${code}`));
    void this.#watchReadiness(child);
  }

  async #watchReadiness(child: ChildProcess): Promise<void> {
    while (this.#child === child) {
      const ready = await this.plan.isReady(this.output()).catch(() => false);
      if (this.#child !== child) return;
      if (ready) {
        this.#phase = 'ready';
        return;
      }
      await pause(50);
    }
  }

  #afterDeath(child: ChildProcess, cause: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#phase = 'died';
    if (child.pid !== undefined) this.supervision.ledger.forget(child.pid);
    if (this.#stopping || this.#attended || !this.supervision.supervise) return;
    if (Date.now() - this.#bornAt > HEALTHY_MILLISECONDS) this.#pauseMilliseconds = FIRST_PAUSE_MILLISECONDS;
    this.supervision.report?.(`${this.name} ended (${cause}); starting it again in ${this.#pauseMilliseconds} ms`);
    this.#comeback = setTimeout(() => this.#spawn(), this.#pauseMilliseconds);
    this.#pauseMilliseconds = Math.min(this.#pauseMilliseconds * 2, LONGEST_PAUSE_MILLISECONDS);
  }

  #explanation(): string {
    const tail = this.output().slice(-TAIL_BYTES).trim();
    return tail === '' ? ` It wrote nothing to ${this.plan.logFile}.` : `\n${tail}\n(${this.plan.logFile})`;
  }
}

/** Ready as soon as it has written one line of JSON with the message `ready`. */
export function saysReady(output: string): Promise<boolean> {
  return Promise.resolve(output.includes('"msg":"ready"'));
}

/** Ready as soon as this address answers 200. */
export function answersAt(url: string): () => Promise<boolean> {
  return async () => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 200;
}

function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function readFrom(file: string, offset: number): string {
  if (!existsSync(file)) return '';
  // A process that talks a lot is only asked for its beginning and its end.
  const length = statSync(file).size - offset;
  if (length <= 0) return '';
  const handle = openSync(file, 'r');
  try {
    const read = (from: number, bytes: number): string => {
      const buffer = Buffer.alloc(bytes);
      return buffer.toString('utf8', 0, readSync(handle, buffer, 0, bytes, from));
    };
    if (length <= 2 * 65_536) return read(offset, length);
    return `${read(offset, 65_536)}\n…\n${read(offset + length - 65_536, 65_536)}`;
  } finally {
    closeSync(handle);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
