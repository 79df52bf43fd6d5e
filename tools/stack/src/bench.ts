import { join } from 'node:path';

import { runProgram } from './run-program.js';
import { workspaceRoot } from './workspace.js';

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
runProgram([join(workspaceRoot, program), ...rest]);
