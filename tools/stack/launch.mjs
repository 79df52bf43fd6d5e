#!/usr/bin/env node
/**
 * The first thing that runs on a fresh clone: on whatever Node 20 or newer is there, without node_modules.
 * It installs what is missing, builds, and hands over to `dist/<verb>.js` under the repository's own Node 24.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;
const verbs = ['start', 'test', 'openapi', 'bench', 'faults'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = join(root, 'node_modules', '.bin');
const lockfile = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.groundcrew-stamp');

let running;

const [verb, ...rest] = process.argv.slice(2);
if (!verbs.includes(verb)) fail(`Say one of: ${verbs.join(', ')}.`);
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Groundcrew needs Node ${OLDEST_NODE} or newer to begin with; this is ${process.version}.`);
}

process.chdir(root);
passSignalsOn();
if (!isInstalled()) await install();
await build();
const program = [join('tools', 'stack', 'dist', `${verb}.js`), ...rest];
const { code } = await run(join(bin, 'node'), program, childEnvironment(), ['inherit', 'inherit', 'inherit', 'ipc']);
process.exit(code);

/** Installed means: what npm wrote down as installed is what the lockfile asks for. */
function isInstalled() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileDigest()) return true;

  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  const complete = Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages).every(
    ([path, entry]) =>
      // Entries outside node_modules are the workspaces; optional ones belong to other platforms.
      !path.startsWith('node_modules/') ||
      (installed[path] === undefined ? entry.optional === true : installed[path].version === entry.version),
  );
  if (complete) writeFileSync(stamp, lockfileDigest());
  return complete;
}

async function install() {
  console.log('Installing dependencies (npm ci) …');
  const began = Date.now();
  // Under `npm start -- …` npm hands its own settings down; they are for that call, not for this one.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_(config|package)_/i.test(name) ||
        /^npm_config_(registry|cache|userconfig|globalconfig|.*proxy|cafile)$/i.test(name),
    ),
  );
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], environment);
  if (code !== 0) fail(`npm ci failed:\n${output}`);
  writeFileSync(stamp, lockfileDigest());
  console.log(`Installed in ${seconds(began)} s.`);
}

async function build() {
  const began = Date.now();
  const { code, output } = await run(
    join(bin, 'nx'),
    ['run-many', '-t', 'build', '--outputStyle=static'],
    childEnvironment(),
  );
  if (code !== 0) fail(`The build failed:\n${output}`);
  if (Date.now() - began > 5_000) console.log(`Built in ${seconds(began)} s.`);
}

function childEnvironment() {
  return {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    // Its plugins would otherwise run in processes that outlive an interrupted build for a while.
    NX_ISOLATE_PLUGINS: 'false',
  };
}

/** Runs a program to its end. Without channels of its own its words are kept for the case that it fails. */
function run(command, args, env, stdio = ['ignore', 'pipe', 'pipe']) {
  return new Promise((resolve) => {
    let output = '';
    running = spawn(command, args, { cwd: root, env, stdio });
    for (const stream of [running.stdout, running.stderr])
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    running.once('error', (error) => resolve({ code: 1, output: error.message }));
    running.once('close', (code, signal) => {
      if (signal !== null && stdio[1] === 'pipe') process.exit(130);
      resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 143), output });
    });
  });
}

/**
 * What runs last learns of our end through the channel between us, however we end. Of npm's end we learn by looking: a
 * shell between npm and us neither passes every signal on nor ends with npm.
 */
function passSignalsOn() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => running?.kill(signal));

  const startedBy = npmAbove();
  const watch = setInterval(() => {
    if (npmAbove() === startedBy) return;
    // Once: a second time would be taken for impatience.
    clearInterval(watch);
    running?.kill('SIGTERM');
  }, 500);
  watch.unref();
}

/** Who ran us for npm: our parent, and where that is a shell, its parent too. Whoever started us by hand may leave. */
function npmAbove() {
  if (process.env.npm_lifecycle_event === undefined) return '';
  const parent = process.ppid;
  try {
    const status = readFileSync(`/proc/${parent}/status`, 'utf8');
    const [, name] = /^Name:\s+(.*)$/m.exec(status);
    const [, grandparent] = /^PPid:\s+(\d+)$/m.exec(status);
    return /^(ba|da)?sh$/.test(name) ? `${parent} of ${grandparent}` : String(parent);
  } catch {
    return String(parent);
  }
}

function lockfileDigest() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
}

function seconds(began) {
  return Math.round((Date.now() - began) / 1000);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
