#!/usr/bin/env node
// A plain launcher: it must load under old Node and before anything is built, so it imports nothing of ours.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LOWEST_NODE = 24;
const main = new URL('../dist/main.js', import.meta.url);
const ownNode = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));

if (!existsSync(main)) {
  stop('groundcrew is not built yet: run `npm start` (it builds and starts everything) or `npm run build` first.');
} else if (Number(process.versions.node.split('.')[0]) >= LOWEST_NODE) {
  await import(main.href);
} else if (existsSync(ownNode)) {
  runUnder(ownNode);
} else {
  stop(`groundcrew needs Node ${LOWEST_NODE}, this is ${process.version}: run \`npm install\`, which brings it along.`);
}

function runUnder(node) {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; whoever signals this process alone means the one that does the work.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => stop(`Node ${LOWEST_NODE} could not be started (${error.code ?? error.message}).`));
  child.on('close', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}
