import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { onInterruption } from './interruption.js';
import { childEnvironment, nodeBinary, workspaceRoot } from './workspace.js';

/** `npm run bench:<name>`: each benchmark is a program of its own, which starts the servers it needs. */
const programs: Record<string, string> = {
  engine: 'tools/stack/dist/bench-engine.js',
  matching: 'tools/fleet/dist/bench-matching.js',
  lookup: 'tools/stack/dist/bench-lookup.js',
  assignment: 'tools/stack/dist/bench-assignment.js',
  orders: 'tools/stack/dist/bench-orders.js',
  deregistration: 'tools/stack/dist/bench-deregistration.js',
};

const [name = '', ...rest] = process.argv.slice(2);
const program = programs[name];
if (program === undefined) {
  console.error(`Say one of: ${Object.keys(programs).join(', ')}.`);
  process.exit(1);
}
const child = spawn(nodeBinary, [join(workspaceRoot, program), ...rest], {
  cwd: workspaceRoot,
  env: childEnvironment(),
  stdio: 'inherit',
});
const interruption = onInterruption(() => child.kill('SIGKILL'));
interruption.signal.addEventListener('abort', () => child.kill('SIGTERM'));
child.once('exit', (code) => process.exit(code ?? 1));
