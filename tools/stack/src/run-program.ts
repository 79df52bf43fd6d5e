import { spawn } from 'node:child_process';

import { onInterruption } from './interruption.js';
import { childEnvironment, nodeBinary, workspaceRoot } from './workspace.js';

/** Runs a program under the repository's own Node, and ends as it ends. It is told of an interruption, and stops what it has started. */
export function runProgram(args: readonly string[]): void {
  const child = spawn(nodeBinary, args, { cwd: workspaceRoot, env: childEnvironment(), stdio: 'inherit' });
  const interruption = onInterruption(() => child.kill('SIGKILL'));
  interruption.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  child.once('exit', (code) => process.exit(code ?? 1));
}
