import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

import type { Progress } from '../progress.js';
import { workspaceRoot } from '../workspace.js';

const MODULE_FOLDER = join(workspaceRoot, 'deploy', 'temporal');

/** Builds the server from the Go module that pins it, into the given file. About four minutes the first time. */
export async function buildTemporal(target: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  const go = spawnSync('go', ['version'], { env: goEnvironment(), encoding: 'utf8' });
  if (go.status !== 0) throw new Error('there is no Go on PATH');

  const began = Date.now();
  const elapsed = (): number => Math.round((Date.now() - began) / 1000);
  progress.line('building the server with Go; this takes about four minutes, once per machine');
  const clock = setInterval(() => progress.tick(`building … ${elapsed()} s`), 250);
  try {
    await run(
      [
        'build',
        '-trimpath',
        '-mod=readonly',
        '-ldflags',
        '-s -w',
        '-o',
        target,
        'github.com/temporalio/cli/cmd/temporal',
      ],
      signal,
    );
  } finally {
    clearInterval(clock);
  }
  progress.line(`built in ${elapsed()} s`);
}

function run(args: string[], signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // A group of its own: stopping it has to stop its compilers, too.
    const child = spawn('go', args, {
      cwd: MODULE_FOLDER,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      env: goEnvironment(),
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4_000)));
    const abort = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    };
    signal?.addEventListener('abort', abort, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => {
      signal?.removeEventListener('abort', abort);
      if (code === 0) return resolve();
      const reason = signal?.aborted === true ? 'stopped' : complaint.trim().split('\n').at(-1);
      reject(new Error(`go build: ${reason || `exit code ${code}`}`));
    });
  });
}

function goEnvironment(): NodeJS.ProcessEnv {
  // A workspace or flags of somebody else's project must not take part.
  return { ...process.env, GOWORK: 'off', GOFLAGS: '' };
}
