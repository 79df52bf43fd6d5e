import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** One line of a benchmark's file. A row whose sample is too small for its claim says so in `note` and is not met. */
export interface BenchRow {
  readonly metric: string;
  readonly value: number | null;
  readonly unit: string;
  readonly baseline: number | null;
  readonly ratio: number | null;
  /** What must hold, and what is aimed at. */
  readonly gate: number | null;
  readonly goal: number | null;
  readonly met: boolean;
  readonly note?: string;
}

/** Writes `bench/results/<bench>.json`. */
export function writeResults(
  bench: string,
  rows: readonly BenchRow[],
  extra: Readonly<Record<string, unknown>> = {},
): string {
  const folder = join(import.meta.dirname, '..', '..', '..', '..', 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${bench}.json`);
  const machine = {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  writeFileSync(file, `${JSON.stringify({ bench, machine, ...extra, rows }, null, 2)}\n`);
  return file;
}

/** Cells in columns; the first `left` columns are text, the rest are numbers. */
export function table(rows: readonly (readonly string[])[], left = 1): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** A benchmark's rows as they are printed: value, unit, baseline, ratio, gate, goal, whether the gate is met, and what to know. */
export function tableOfRows(rows: readonly BenchRow[]): string {
  const cell = (value: number | null): string => (value === null ? '' : String(value));
  return table([
    ['', 'value', '', 'baseline', 'ratio', 'gate', 'goal', 'met', ''],
    ...rows.map(({ metric, value, unit, baseline, ratio, gate, goal, met, note = '' }) => [
      metric,
      cell(value),
      unit,
      cell(baseline),
      cell(ratio),
      cell(gate),
      cell(goal),
      gate === null ? '' : met ? 'yes' : 'no',
      note,
    ]),
  ]);
}
