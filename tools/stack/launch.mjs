#!/usr/bin/env node
/**
 * The first thing that runs on a fresh clone: on whatever Node 20 or newer is there, without node_modules.
 * It installs what is missing, builds, and hands over to `dist/<verb>.js` under the repository's own Node 24.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;
const verbs = ['start', 'test', 'openapi', 'bench'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.groundcrew-stamp');

const [verb, ...rest] = process.argv.slice(2);
if (!verbs.includes(verb)) fail(`Say one of: ${verbs.join(', ')}.`);
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Groundcrew needs Node ${OLDEST_NODE} or newer to begin with; this is ${process.version}.`);
}

process.chdir(root);
if (!isInstalled()) install();
const environment = childEnvironment();
build();
handOver();

/** Installed means: what npm wrote down as installed is what the lockfile asks for. */
function isInstalled() {
  const wanted = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const digest = createHash('sha256').update(wanted).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return true;

  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  const complete = Object.entries(JSON.parse(wanted).packages).every(
    ([path, entry]) =>
      // Entries outside node_modules are the workspaces; optional ones belong to other platforms.
      !path.startsWith('node_modules/') ||
      (installed[path] === undefined ? entry.optional === true : installed[path].version === entry.version),
  );
  if (complete) writeFileSync(stamp, digest);
  return complete;
}

function install() {
  console.log('Installing dependencies (npm ci) …');
  const began = Date.now();
  // Under `npm start -- …` npm hands its own settings down; they are for that call, not for this one.
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config|package)_/i.test(name)),
  );
  const kept = Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^npm_config_(registry|cache|userconfig|globalconfig|.*proxy|cafile)$/i.test(name),
    ),
  );
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...clean, ...kept },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0) fail(`npm ci failed:\n${result.error ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`);
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  writeFileSync(stamp, digest);
  console.log(`Installed in ${seconds(began)} s.`);
}

function childEnvironment() {
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, NX_DAEMON: 'false', NX_TUI: 'false' };
}

function build() {
  const began = Date.now();
  const result = spawnSync(join(bin, 'nx'), ['run-many', '-t', 'build', '--outputStyle=static'], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.signal !== null) fail('Interrupted while building.');
  if (result.status !== 0) fail(`The build failed:\n${result.error ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`);
  if (Date.now() - began > 5_000) console.log(`Built in ${seconds(began)} s.`);
}

/**
 * The child learns of our end through the channel between us, however we end. Of npm's end we learn by looking: a shell
 * between npm and us neither passes every signal on nor ends with npm.
 */
function handOver() {
  const child = spawn(join(bin, 'node'), [join('tools', 'stack', 'dist', `${verb}.js`), ...rest], {
    cwd: root,
    env: environment,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

  const startedBy = npmAbove();
  const watch = setInterval(() => {
    if (npmAbove() === startedBy) return;
    // Once: a second time would be taken for impatience.
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);

  child.on('error', (error) => fail(`The repository's own Node did not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    clearInterval(watch);
    process.exit(code ?? (signal === 'SIGINT' ? 130 : 143));
  });
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

function seconds(began) {
  return Math.round((Date.now() - began) / 1000);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
