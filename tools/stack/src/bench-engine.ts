import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Runtime } from '@temporalio/worker';

import { bundleWorkflow, engineAt, silentLogger, type Engine } from './bench-engine/measure.js';
import { ephemeralFolder, removeEphemeralFolder, sweepEphemeralFolders } from './ephemeral.js';
import { onInterruption } from './interruption.js';
import { printedProgress } from './progress.js';
import { startDevServer } from './temporal/server.js';
import { workspaceRoot } from './workspace.js';

/**
 * `npm run bench:engine`: a workflow of one activity on a server with raised limits, beside a second server with the limits at
 * their defaults. Rounds take turns, so that whatever else the machine does falls on both.
 */
const ROUNDS = 3;
const SEQUENTIAL_PER_ROUND = 25;
const PARALLEL_PER_ROUND = 48;
const AT_ONCE = 8;
const FOUR_TIMES = 4;

interface Row {
  metric: string;
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
  gate: number;
  goal: number;
  met: boolean;
}

const progress = printedProgress();
const interruption = onInterruption(() => process.exit(130));
Runtime.install({ logger: silentLogger });
await sweepEphemeralFolders((line) => progress.line(line));

const stops: (() => unknown)[] = [];
try {
  const raised = await bringUp('raised');
  const defaults = await bringUp('default');
  const rows = await measure(raised, defaults);
  print(rows);
  write(rows);
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
} finally {
  for (const stop of stops.toReversed()) await stop();
}

async function bringUp(limits: 'raised' | 'default'): Promise<Engine> {
  const folder = ephemeralFolder(`engine-${limits}`);
  stops.push(() => removeEphemeralFolder(folder));
  const server = await startDevServer({ folder, limits, progress, signal: interruption.signal });
  stops.push(() => server.stop());
  const here = dirname(fileURLToPath(import.meta.url));
  const engine = await engineAt(server.address, await bundleWorkflow(join(here, 'bench-engine', 'greet.workflow.js')));
  stops.push(() => engine.close());
  return engine;
}

async function measure(raised: Engine, defaults: Engine): Promise<Row[]> {
  const engines = { raised, defaults };
  const sequential = { raised: [] as number[], defaults: [] as number[] };
  const parallel = { raised: [] as number[], defaults: [] as number[] };
  for (const name of ['raised', 'defaults'] as const) await engines[name].together(AT_ONCE * 2, AT_ONCE);
  for (let round = 1; round <= ROUNDS; round += 1) {
    // Who goes first changes, too.
    const order = round % 2 === 1 ? (['raised', 'defaults'] as const) : (['defaults', 'raised'] as const);
    for (const name of order) {
      interruption.signal.throwIfAborted();
      sequential[name].push(...(await engines[name].oneAfterAnother(SEQUENTIAL_PER_ROUND)));
      parallel[name].push(await engines[name].together(PARALLEL_PER_ROUND, AT_ONCE));
    }
    progress.line(`round ${round} of ${ROUNDS}`);
  }
  return [
    row('one after another, median', sequential.raised, sequential.defaults),
    // On two cores this one is bound by the processor with either server; it is gated all the same, and says what it is.
    row(`${AT_ONCE} at once, per workflow`, parallel.raised, parallel.defaults),
  ];
}

function row(metric: string, values: number[], baselines: number[]): Row {
  const [value, baseline] = [median(values), median(baselines)];
  const ratio = baseline / value;
  return {
    metric,
    value: round(value),
    unit: 'ms',
    baseline: round(baseline),
    ratio: round(ratio),
    gate: FOUR_TIMES,
    goal: FOUR_TIMES,
    met: ratio >= FOUR_TIMES,
  };
}

function print(rows: Row[]): void {
  const table = [
    ['workflow of one activity', 'raised', 'defaults', 'faster', 'gate', 'met'],
    ...rows.map(({ metric, value, baseline, ratio, gate, met }) => [
      metric,
      `${value} ms`,
      `${baseline} ms`,
      `${ratio}×`,
      `${gate}×`,
      met ? 'yes' : 'no',
    ]),
  ];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
  for (const cells of table) {
    console.log(
      cells
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    );
  }
}

function write(rows: Row[]): void {
  const file = join(workspaceRoot, 'bench', 'results', 'engine.json');
  mkdirSync(dirname(file), { recursive: true });
  const machine = {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  writeFileSync(file, `${JSON.stringify({ bench: 'engine', machine, rows }, null, 2)}\n`);
  console.log(`Written to ${file}.`);
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
