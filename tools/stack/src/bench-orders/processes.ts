import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** `USER_HZ`, in which Linux counts processor time for everybody. */
const ticksPerSecond = 100;
const megabyte = 1024;

/** Processes under watch, by what they are. Of `postgres` the children count, too. */
export type Watched = Readonly<Record<string, number>>;

/** Seconds of processor time of each, user and system. */
export function processorSeconds(watched: Watched): Record<string, number> {
  const taken: Record<string, number> = {};
  for (const [name, pid] of Object.entries(watched)) {
    const own = statOf(pid);
    taken[name] = own === undefined ? 0 : own.seconds;
    if (name !== 'postgres' || own === undefined) continue;
    // Of children that ended their parent keeps the time; those that run have their own.
    taken[name] += own.secondsOfEndedChildren + childrenOf(pid).reduce((sum, child) => sum + child.seconds, 0);
  }
  return taken;
}

export function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

interface Stat {
  parent: number;
  seconds: number;
  secondsOfEndedChildren: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold blanks; what follows does not.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (at: number): number => Number(fields[at]) / ticksPerSecond;
    return {
      parent: Number(fields[1]),
      seconds: ticks(11) + ticks(12),
      secondsOfEndedChildren: ticks(13) + ticks(14),
    };
  } catch {
    return undefined;
  }
}

function childrenOf(parent: number): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === parent) as Stat[];
}

/** Seconds of processor time that the whole machine spent on anything at all; what its host gave to other guests is gone as well. */
export function machineSeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, stolen = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + soft + stolen) / ticksPerSecond;
}

/**
 * What a stretch of work took of the processors. Seconds; `foreign` is others' share of all that was taken meanwhile, and
 * `foreignOfMachine` their share of all that could have been taken.
 */
export interface Taken<Result> {
  result: Result;
  processor: Record<string, number>;
  foreign: number;
  foreignOfMachine: number;
}

/** Does the work, and counts what the watched processes and all others spend on their processors meanwhile. */
export async function taking<Result>(watched: Watched, work: () => Promise<Result>): Promise<Taken<Result>> {
  const before = processorSeconds(watched);
  const machineBefore = machineSeconds();
  const startedAt = performance.now();
  const result = await work();
  const processor = difference(processorSeconds(watched), before);
  const busy = machineSeconds() - machineBefore;
  const ours = Object.values(processor).reduce((sum, seconds) => sum + seconds, 0);
  const foreign = Math.max(0, busy - ours);
  const possible = ((performance.now() - startedAt) / 1000) * availableParallelism();
  return { result, processor, foreign: busy === 0 ? 0 : foreign / busy, foreignOfMachine: foreign / possible };
}

/** Resident memory in megabytes. */
export function residentMegabytes(pid: number): number {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return Number(found?.[1] ?? Number.NaN) / megabyte;
  } catch {
    return Number.NaN;
  }
}

/** Looks at the memory of processes ten times a second. */
export class MemoryWatch {
  readonly #watched: Watched;
  readonly #peaks: Record<string, number> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), 100);
  }

  /** Ends the watch. @returns the highest of each, in megabytes */
  stop(): Record<string, number> {
    clearInterval(this.#timer);
    this.#look();
    return { ...this.#peaks };
  }

  #look(): void {
    for (const [name, pid] of Object.entries(this.#watched)) {
      const megabytes = residentMegabytes(pid);
      if (!Number.isNaN(megabytes)) this.#peaks[name] = Math.max(this.#peaks[name] ?? 0, megabytes);
    }
  }
}
