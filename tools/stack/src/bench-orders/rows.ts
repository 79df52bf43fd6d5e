import type { BenchRow } from '@groundcrew/fleet';

import { quantile } from '../bench-lookup/latency.js';
import { judge, median, mostForeign } from './judge.js';
import { bindingSize } from './plan.js';
import type { BusyRound, Round } from './rounds.js';

/** Fewest samples for a statement about a quantile: below, not even the highest of them bounds it with 95 %. */
const fewestForP95 = 59;
const fewestForP99 = 299;

export interface Measured {
  rounds: readonly Round[];
  busy: readonly BusyRound[];
  historyEvents: number;
  historyDevices: number;
}

/** The table's rows, each size and number of registered devices with its own; gates bind at the largest size of issue 5 alone. */
export function rowsOf(measured: Measured): BenchRow[] {
  const { rounds, busy } = measured;
  const rows: BenchRow[] = [];
  for (const group of grouped(rounds)) rows.push(...speedRows(group));
  rows.push(...growthRows(rounds), ...memoryRows(rounds, busy), ...othersRows(busy), historyRow(measured));
  return rows;
}

function speedRows(rounds: readonly Round[]): BenchRow[] {
  const { devices, registered } = rounds[0]!;
  const what = `${devices} devices, ${registered} registered`;
  const binds = devices === bindingSize;
  const rate = (ms: (round: Round) => number): number => median(rounds.map((round) => (devices / ms(round)) * 1000));
  const perSecond = (
    metric: string,
    ms: (round: Round) => number,
    processor: (round: Round) => number,
    gate: number,
    goal: number,
  ): BenchRow => {
    const { ratio, conclusive, note } = judge(
      rounds.map((round) => ({
        wall: round.copyMs / ms(round),
        processor: round.copyProcessor / processor(round),
        foreign: round.foreign,
      })),
    );
    return row({
      metric: `${what}: ${metric}`,
      value: rate(ms),
      unit: 'devices/s',
      baseline: rate(({ copyMs }) => copyMs),
      ratio,
      gate: binds ? gate : null,
      goal: binds ? goal : null,
      met: !binds || (conclusive && ratio >= gate),
      note,
    });
  };
  const answered = judge(
    rounds.map(({ product, intakeMs, intakeProcessor, foreign }) => ({
      wall: product.untilAnswered / intakeMs,
      processor: spentOn(product.intake.processor) / intakeProcessor,
      foreign,
    })),
  );
  const first = median(rounds.map(({ product }) => product.untilFirstVerdict));
  return [
    perSecond('processing beside COPY', ({ product }) => product.processing, processorOf, 0.4, 0.6),
    perSecond('first byte to last verdict beside COPY', ({ product }) => product.whole, wholeProcessorOf, 0.3, 0.5),
    row({
      metric: `${what}: processor time of a device beside COPY's`,
      value: median(rounds.map((round) => (processorOf(round) / devices) * 1e6)),
      unit: 'µs',
      baseline: median(rounds.map((round) => (round.copyProcessor / devices) * 1e6)),
      ratio: median(rounds.map((round) => processorOf(round) / round.copyProcessor)),
      gate: null,
      goal: null,
      met: true,
      note: shares(rounds),
    }),
    row({
      metric: `${what}: time to 202 beside a bare intake`,
      value: median(rounds.map(({ product }) => product.untilAnswered)),
      unit: 'ms',
      baseline: median(rounds.map(({ intakeMs }) => intakeMs)),
      ratio: answered.ratio,
      gate: binds ? 2 : null,
      goal: binds ? 1.3 : null,
      met: !binds || (answered.conclusive && answered.ratio <= 2),
      note: answered.note,
    }),
    row({
      metric: `${what}: first verdict after acceptance`,
      value: first,
      unit: 'ms',
      gate: binds ? 3_000 : null,
      goal: binds ? 1_000 : null,
      met: !binds || first <= 3_000,
    }),
  ];
}

/** What a device costs among many, beside what it costs in an empty registry. */
function growthRows(rounds: readonly Round[]): BenchRow[] {
  const sizes = [...new Set(rounds.map(({ devices }) => devices))];
  const most = Math.max(...rounds.map(({ registered }) => registered));
  if (most === 0) return [];
  return sizes.flatMap((devices) => {
    const at = (registered: number): Round[] =>
      rounds.filter((round) => round.devices === devices && round.registered === registered);
    const [many, empty] = [at(most), at(0)];
    if (many.length === 0 || empty.length === 0) return [];
    const cost = ({ product }: Round): number => (product.processing / devices) * 1000;
    const judged = judge(
      many.map((round) => ({
        wall: cost(round) / median(empty.map(cost)),
        processor: processorOf(round) / median(empty.map(processorOf)),
        foreign: Math.max(round.foreign, ...empty.map(({ foreign }) => foreign)),
      })),
    );
    const binds = devices === bindingSize && most >= 1_000_000;
    return [
      row({
        metric: `${devices} devices: cost of a device at ${most} registered beside that at 0`,
        value: median(many.map(cost)),
        unit: 'µs',
        baseline: median(empty.map(cost)),
        ratio: judged.ratio,
        gate: binds ? 1.4 : null,
        goal: binds ? 1.2 : null,
        met: !binds || (judged.conclusive && judged.ratio <= 1.4),
        note: judged.note,
      }),
    ];
  });
}

function memoryRows(rounds: readonly Round[], busy: readonly BusyRound[]): BenchRow[] {
  const orders = [...rounds, ...busy];
  const largest = Math.max(...orders.map(({ devices }) => devices));
  const binds = largest === bindingSize;
  return (['api', 'worker'] as const).flatMap((name) => {
    const peak = Math.max(...orders.map(({ memory }) => memory[name]!));
    const [gate, goal] = name === 'api' ? [250, 180] : [350, 280];
    const slope = slopeOf(orders, name, largest);
    return [
      row({
        metric: `resident memory of the ${name}, highest`,
        value: peak,
        unit: 'MB',
        gate: binds ? gate : null,
        goal: binds ? goal : null,
        met: !binds || peak < gate,
      }),
      row({
        metric: `resident memory of the ${name}, slope over 100000 rows`,
        value: slope.megabytes,
        unit: 'MB',
        gate: binds ? 10 : null,
        goal: binds ? 0 : null,
        met: !binds || (slope.orders >= 3 && slope.megabytes !== null && slope.megabytes < 10),
        note: `peaks of ${slope.orders} orders of ${largest}, without the first`,
      }),
    ];
  });
}

/** Least squares over the peaks of the largest orders. The first one still warms caches and compilers. */
function slopeOf(
  orders: readonly { devices: number; memory: Record<string, number> }[],
  name: string,
  largest: number,
): { megabytes: number | null; orders: number } {
  let rows = 0;
  const points: { x: number; y: number }[] = [];
  for (const { devices, memory } of orders) {
    rows += devices;
    if (devices === largest) points.push({ x: rows / 100_000, y: memory[name]! });
  }
  const kept = points.slice(1);
  if (kept.length < 2) return { megabytes: null, orders: kept.length };
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(kept.map((point) => point.x)), mean(kept.map((point) => point.y))];
  const covariance = kept.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  const variance = kept.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return { megabytes: covariance / variance, orders: kept.length };
}

function othersRows(busy: readonly BusyRound[]): BenchRow[] {
  if (busy.length === 0) return [];
  const binds = busy[0]!.devices === bindingSize;
  const singles = busy.flatMap(({ during }) => during.singles);
  const reads = busy.flatMap(({ during }) => during.reads);
  const idle = busy.flatMap(({ idleReads }) => idleReads);
  const p95 = quantile(singles, 0.95);
  const [p99, p99Idle] = [quantile(reads, 0.99), quantile(idle, 0.99)];
  const foreign = Math.max(...busy.map((round) => round.foreign));
  const conclusive = foreign <= mostForeign;
  const besides = conclusive ? '' : `; inconclusive, others took ${Math.round(foreign * 100)} %`;
  const enoughSingles = singles.length >= fewestForP95;
  const enoughReads = Math.min(reads.length, idle.length) >= fewestForP99;
  return [
    row({
      metric: `a single registration during an order of ${busy[0]!.devices}, p95`,
      value: p95,
      unit: 'ms',
      gate: binds ? 2_000 : null,
      goal: binds ? 1_000 : null,
      met: !binds || (conclusive && enoughSingles && p95 <= 2_000),
      note: `${singles.length} of them, at most ${Math.round(Math.max(...singles))} ms${besides}`,
    }),
    row({
      metric: `reading a device during an order of ${busy[0]!.devices} beside an idle machine, p99`,
      value: p99,
      unit: 'ms',
      baseline: p99Idle,
      ratio: p99 / p99Idle,
      gate: binds ? 4 : null,
      goal: binds ? 2 : null,
      met: !binds || (conclusive && enoughReads && p99 / p99Idle <= 4),
      note: `${reads.length} reads, p50 ${quantile(reads, 0.5).toFixed(1)} ms, idle ${quantile(idle, 0.5).toFixed(1)} ms${besides}`,
    }),
  ];
}

function historyRow({ historyEvents, historyDevices }: Measured): BenchRow {
  const binds = historyDevices === bindingSize;
  return row({
    metric: `history events of a device in an order of ${historyDevices}`,
    value: historyEvents / historyDevices,
    unit: 'events',
    gate: binds ? 0.05 : null,
    goal: binds ? 0.01 : null,
    met: !binds || historyEvents / historyDevices < 0.05,
  });
}

/** Our processes' time; what the benchmark itself spends does not count. */
function spentOn(processor: Record<string, number>): number {
  return Object.entries(processor).reduce((sum, [name, seconds]) => (ours(name) ? sum + seconds : sum), 0);
}

const ours = (name: string): boolean => name !== 'bench' && name !== 'bareIntake';
const processorOf = ({ product }: Round): number => spentOn(product.processor);
const wholeProcessorOf = (round: Round): number => processorOf(round) + spentOn(round.product.intake.processor);

function shares(rounds: readonly Round[]): string {
  const names = Object.keys(rounds[0]!.product.processor).filter(ours);
  const of = (name: string): number =>
    median(rounds.map(({ product, devices }) => ((product.processor[name] ?? 0) / devices) * 1e6));
  const foreign = Math.max(...rounds.map((round) => round.foreign));
  return `${names.map((name) => `${name} ${Math.round(of(name))}`).join(', ')}; foreign at most ${Math.round(foreign * 100)} %`;
}

function grouped(rounds: readonly Round[]): Round[][] {
  const groups = new Map<string, Round[]>();
  for (const round of rounds) {
    const key = `${round.devices}/${round.registered}`;
    groups.set(key, [...(groups.get(key) ?? []), round]);
  }
  return [...groups.values()];
}

function row(given: Pick<BenchRow, 'metric' | 'unit' | 'gate' | 'goal' | 'met'> & Partial<BenchRow>): BenchRow {
  const rounded = (value: number | null | undefined): number | null =>
    value === null || value === undefined || Number.isNaN(value) ? null : Number(value.toPrecision(4));
  return { ...given, value: rounded(given.value), baseline: rounded(given.baseline), ratio: rounded(given.ratio) };
}
