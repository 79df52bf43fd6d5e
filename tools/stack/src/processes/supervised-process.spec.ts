import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { identityOf, isAlive } from './identity.js';
import { Ledger } from './ledger.js';
import { saysReady, SupervisedProcess } from './supervised-process.js';

let folder: string;
let ledger: Ledger;
let running: SupervisedProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'supervised-'));
  ledger = await Ledger.open(folder);
  running = [];
});

afterEach(async () => {
  for (const process of running) await process.stop();
  ledger.closeIfIdle();
  rmSync(folder, { recursive: true, force: true });
});

const READY = `console.log(JSON.stringify({ msg: 'ready' })); setInterval(() => {}, 1000);`;

describe('a supervised process', () => {
  it('is ready when it says so, and gone when it is stopped', async () => {
    const worker = supervised(READY);
    await worker.start();
    const identity = identityOf(worker.pid as number);
    expect(identity && isAlive(identity)).toBe(true);
    await worker.stop();
    expect(identity && isAlive(identity)).toBe(false);
    expect(recorded()).toEqual([]);
  });

  it('comes back when it is killed, as another process', async () => {
    const worker = supervised(READY);
    await worker.start();
    const first = worker.pid;
    await worker.kill('SIGKILL');
    await worker.waitReady();
    expect(worker.pid).not.toBe(first);
    expect(recorded()).toEqual([worker.pid]);
  });

  it('gives way as far as it was told, each time it is started', async () => {
    const worker = supervised(READY, { niceness: 5 });
    await worker.start();
    expect(getPriority(worker.pid)).toBe(5);
    const session = `/proc/${worker.pid}/autogroup`;
    if (existsSync(session)) expect(readFileSync(session, 'utf8')).toMatch(/ nice 5\n$/);
    await worker.kill('SIGKILL');
    await worker.waitReady();
    expect(getPriority(worker.pid)).toBe(5);
  });

  it('stays away when nobody supervises it', async () => {
    const worker = supervised(READY, { supervise: false });
    await worker.start();
    await worker.kill('SIGKILL');
    expect(worker.pid).toBeUndefined();
    await expect(worker.waitReady()).rejects.toThrow(/ended before it was ready/);
  });

  it('shows what it wrote when it cannot start', async () => {
    const worker = supervised(`console.error('no database'); process.exit(3);`);
    await expect(worker.start()).rejects.toThrow(/no database/);
    expect(recorded()).toEqual([]);
  });

  it('is stopped even when it is frozen or does not listen', async () => {
    const deaf = supervised(`process.on('SIGTERM', () => {}); ${READY}`);
    await deaf.start();
    await deaf.kill('SIGSTOP');
    const identity = identityOf(deaf.pid as number);
    await deaf.stop();
    expect(identity && isAlive(identity)).toBe(false);
  });
});

describe('the ledger of a folder', () => {
  it('stops what a killed start left behind, and no stranger that has its number now', async () => {
    const leftover = bystander();
    const stranger = bystander();
    ledger.closeIfIdle();
    writeFileSync(
      join(folder, 'processes.json'),
      JSON.stringify({
        owner: { pid: stranger.pid, startedAt: 'long ago' },
        processes: [
          { name: 'worker', ...identityOf(leftover.pid as number), stopSignal: 'SIGTERM' },
          { name: 'api', pid: stranger.pid, startedAt: 'long ago', stopSignal: 'SIGTERM' },
        ],
      }),
    );
    ledger = await Ledger.open(folder);
    expect(identityOf(leftover.pid as number)).toBeUndefined();
    expect(identityOf(stranger.pid as number)).toBeDefined();
    stranger.kill('SIGKILL');
  });

  it('refuses a folder in which another live process works', async () => {
    const other = bystander();
    ledger.closeIfIdle();
    const busy = mkdtempSync(join(folder, 'busy-'));
    writeFileSync(
      join(busy, 'processes.json'),
      JSON.stringify({ owner: identityOf(other.pid as number), processes: [] }),
    );
    await expect(Ledger.open(busy)).rejects.toThrow(/already runs Groundcrew/);
    other.kill('SIGKILL');
  });
});

function supervised(script: string, { supervise = true, niceness = 0 } = {}): SupervisedProcess {
  const plan = {
    name: 'worker',
    command: process.execPath,
    args: ['-e', script],
    env: { PATH: process.env['PATH'] },
    niceness,
    logFile: join(folder, 'worker.log'),
    stopSignal: 'SIGTERM' as const,
    stopPatienceSeconds: 0.3,
    readyPatienceSeconds: 20,
    isReady: saysReady,
  };
  const worker = new SupervisedProcess(plan, { ledger, supervise });
  running.push(worker);
  return worker;
}

function recorded(): number[] {
  const page = JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')) as { processes: { pid: number }[] };
  return page.processes.map(({ pid }) => pid);
}

function bystander() {
  return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
}
