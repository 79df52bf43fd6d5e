import { runProgram } from './run-program.js';

/** `npm run faults`: the program lies with the tests whose checker it shares, and like them is not built. */
runProgram(['--import', './test/run-typescript.mjs', 'test/faults/seeds/main.ts', ...process.argv.slice(2)]);
