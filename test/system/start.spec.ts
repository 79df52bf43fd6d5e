import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ephemeralFolder, removeEphemeralFolder, workspaceRoot } from '@groundcrew/stack';

const CLOSING = /^2988 registered, 12 rejected$/m;

/** `npm start` behind its launcher, in a folder of its own beside whatever else runs here. */
class Start {
  output = '';
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(folder: string) {
    // The suites' servers are not its own.
    const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, NODE_OPTIONS: _options, ...inherited } = process.env;
    this.#child = spawn(join(workspaceRoot, 'node_modules/.bin/node'), ['tools/stack/dist/start.js'], {
      cwd: workspaceRoot,
      env: { ...inherited, GROUNDCREW_FOLDER: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code)));
  }

  async says(pattern: RegExp, seconds = 150): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!pattern.test(this.output)) {
      if (Date.now() > deadline || this.#child.exitCode !== null)
        throw new Error(`It did not say ${pattern}:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

let folder: string;
let starts: Start[] = [];
const start = (): Start => {
  const one = new Start(folder);
  starts.push(one);
  return one;
};

beforeAll(() => {
  folder = ephemeralFolder('start');
});

afterEach(async () => {
  for (const one of starts) one.send('SIGINT');
  await Promise.all(starts.map(({ ended }) => ended));
  starts = [];
});

afterAll(() => removeEphemeralFolder(folder));

/** One story, start after start in one folder: each finds what the one before it left. */
describe('npm start', () => {
  it('ends with a finished order, refuses a second start in its folder, and Ctrl-C leaves no process', async () => {
    const first = start();
    await first.says(CLOSING);
    await first.says(/What to try next/);
    const processes = running();
    expect(processes.map(({ name }) => name).toSorted()).toEqual([
      'api',
      'issuer',
      'neighbours',
      'postgres',
      'relay',
      'temporal',
      'worker',
    ]);
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output).toMatch(/already runs Groundcrew from/);
    expect(processes.filter(({ pid }) => !isAlive(pid))).toEqual([]);
    first.send('SIGINT');
    expect(await first.ended).toBe(0);
    expect(processes.filter(({ pid }) => isAlive(pid))).toEqual([]);
  }, 240_000);

  it('stops what a killed start left behind before it starts anew, and finds its data again', async () => {
    const killed = start();
    await killed.says(CLOSING);
    killed.send('SIGKILL');
    await killed.ended;
    const leftovers = running();
    expect(leftovers.filter(({ pid }) => isAlive(pid))).toHaveLength(leftovers.length);

    const next = start();
    await next.says(CLOSING);
    expect(leftovers.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(next.output).toMatch(/stopping worker .*, left over from a start that was killed/);
    expect(next.output).toMatch(/finished by an earlier start/);

    next.send('SIGKILL');
    await next.ended;
    for (const { pid } of running()) process.kill(pid, 'SIGKILL');
    const last = start();
    await last.says(CLOSING);
    expect(last.output).toMatch(/finished by an earlier start/);
  }, 240_000);
});

function running(): { name: string; pid: number }[] {
  return (
    JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')) as { processes: { name: string; pid: number }[] }
  ).processes;
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended: only its parent has not looked yet.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
