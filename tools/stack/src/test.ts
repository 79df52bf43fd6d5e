import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { prepareDatabase } from '@groundcrew/persistence/prepare-database';

import { ephemeralFolder, removeEphemeralFolder, sweepEphemeralFolders } from './ephemeral.js';
import { onInterruption } from './interruption.js';
import { startPostgres } from './postgres/postgres.js';
import { Ledger } from './processes/ledger.js';
import { printedProgress } from './progress.js';
import { secretsOf } from './secrets.js';
import { startTemporal } from './temporal/server.js';
import { testEnvironment } from './test-servers.js';
import { addUp, closingLine, readJestReport, type Tally } from './test-tally.js';
import { childEnvironment, nodeBinary, workspaceRoot } from './workspace.js';

/**
 * `npm test`: lint, types, then every suite in one jest process beside one PostgreSQL and one Temporal server.
 * `npm test -- --only <path>` runs only the suites whose path matches.
 */
const TEMPLATE = 'groundcrew_template';
const only = pathPattern(process.argv.slice(2));
const interruption = onInterruption(() => process.exit(130));
const progress = printedProgress();

/** Once there are servers: what runs beside them is written down with them, for the case that we are killed. */
let runningSuites: Ledger | undefined;

const tallies: Tally[] = [];
if (only === undefined) {
  tallies.push(
    ...(await Promise.all([
      check('Lint', 'eslint', ['.']),
      check('Types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']),
    ])),
  );
} else {
  progress.line('Lint and types are left out, because --only names suites.');
}
if (!interruption.signal.aborted) tallies.push(await suites());

const total = addUp(tallies);
const inCi = Boolean(process.env['CI']);
if (total.skipped > 0 && inCi) progress.line('A skipped test is a failure in CI.');
for (const { what, failures } of tallies) for (const failure of failures) progress.line(`FAILED ${what}: ${failure}`);
console.log(closingLine(total));
process.exit(total.failed > 0 || interruption.signal.aborted || (inCi && total.skipped > 0) ? 1 : 0);

/** A check that is one promise: it counts as one. */
async function check(what: string, program: string, args: string[]): Promise<Tally> {
  const began = Date.now();
  const { code, output } = await run(join(workspaceRoot, 'node_modules', '.bin', program), args, 'captured');
  const passed = code === 0;
  progress.line(`${what}: ${passed ? 'good' : 'FAILED'} (${Math.round((Date.now() - began) / 1000)} s)`);
  if (!passed) console.log(output);
  return { what, passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, failures: passed ? [] : ['see above'] };
}

async function suites(): Promise<Tally> {
  await sweepEphemeralFolders((line) => progress.line(line));
  const folder = ephemeralFolder('test');
  const stops: (() => Promise<void>)[] = [];
  try {
    const report = (line: string): void => progress.line(line);
    const postgres = await startPostgres({ folder, report });
    stops.push(() => postgres.stop());
    const temporal = await startTemporal({ folder, report, progress, signal: interruption.signal });
    stops.push(() => temporal.stop());
    runningSuites = await Ledger.open(folder);
    const { passwords } = secretsOf(folder);
    const servers = { adminUrl: postgres.adminUrl, passwords, temporalAddress: temporal.address };
    await prepareDatabase({ adminUrl: servers.adminUrl, database: TEMPLATE, passwords, reset: true });
    progress.line(`PostgreSQL 127.0.0.1:${postgres.port} and Temporal ${temporal.address} are up.`);
    return await jest(folder, testEnvironment(servers, TEMPLATE));
  } catch (error) {
    return { what: 'Servers', passed: 0, failed: 1, skipped: 0, failures: [(error as Error).message] };
  } finally {
    for (const stop of stops.toReversed()) await stop();
    removeEphemeralFolder(folder);
  }
}

async function jest(folder: string, environment: Record<string, string>): Promise<Tally> {
  const reportFile = join(folder, 'jest.json');
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(workspaceRoot, 'node_modules', 'jest', 'bin', 'jest.js'),
    // One more than this machine's cores: the fault suites mostly wait for what they killed.
    '--maxWorkers=3',
    '--json',
    `--outputFile=${reportFile}`,
    ...(only === undefined ? [] : ['--', only]),
  ];
  const { code } = await run(nodeBinary, args, 'shown', environment);
  if (!existsSync(reportFile)) {
    return { what: 'jest', passed: 0, failed: 1, skipped: 0, failures: [`ended with ${code} and without a report`] };
  }
  return readJestReport(readFileSync(reportFile, 'utf8'), code);
}

function run(
  command: string,
  args: string[],
  output: 'captured' | 'shown',
  environment: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    // jest sends its JSON to the file and its words to standard error; nothing of ours goes in between.
    const child = spawn(command, args, {
      cwd: workspaceRoot,
      env: childEnvironment({ NX_DAEMON: 'false', ...environment }),
      stdio: output === 'shown' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    let captured = '';
    const recorded = child.pid === undefined ? undefined : runningSuites?.record(command, child.pid, 'SIGKILL');
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (captured += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (captured += text));
    const end = (): void => void child.kill('SIGTERM');
    interruption.signal.addEventListener('abort', end, { once: true });
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => {
      interruption.signal.removeEventListener('abort', end);
      if (recorded !== undefined) runningSuites?.forget(recorded.pid);
      resolve({ code, output: captured });
    });
  });
}

function pathPattern(args: string[]): string | undefined {
  const at = args.indexOf('--only');
  if (at === -1) return undefined;
  const pattern = args[at + 1];
  if (pattern !== undefined) return pattern;
  console.error('--only wants a pattern of paths, for example --only libs/domain');
  process.exit(1);
}
