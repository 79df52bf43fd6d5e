import { decodeHardwareHash, encodeHardwareHash, toSnapshot } from '@groundcrew/matching';
import { nodeDigests } from '../node-digests.js';
import { Random } from '../random.js';
import { modulusOf } from '../report-of.js';
import { observe } from './observe.js';
import { Registry } from './registry.js';
import type { BenchRow } from './results.js';
import { table } from './results.js';

export interface LookupSize {
  readonly fleet: number;
  readonly probes: number;
  readonly rounds: number;
}

export interface LookupResult {
  readonly rows: readonly BenchRow[];
  /** Share of probes that matched their device: a benchmark of nothing would be fast. */
  readonly recognised: number;
}

const GATE = 10_000;
const GOAL = 20_000;

/**
 * Identifications per second: base64 text decoded, digest verified, snapshot, keys, candidates from memory, rules. Beside it, in
 * the same rounds, the least that anybody does who checks a hash: the platform's base64 and one SHA-256. Both in processor time,
 * which is what one core gives whatever else the machine does, and by the clock. Medians of the rounds.
 */
export function decideAll({ fleet, probes, rounds }: LookupSize): LookupResult {
  const registry = new Registry(21, fleet);
  const texts = Array.from({ length: probes }, (_, index) => textOf(registry, index));
  const identified: Rate[] = [];
  const checked: Rate[] = [];
  let recognised = 0;
  for (let round = 0; round < rounds; round += 1) {
    recognised = 0;
    identified.push(
      rateOf(probes, () => {
        for (const [index, text] of texts.entries())
          if (identify(registry, text) === String(index % fleet)) recognised += 1;
      }),
    );
    checked.push(
      rateOf(probes, () => {
        for (const text of texts) nodeDigests.sha256(Buffer.from(text, 'base64').subarray(0, 1000));
      }),
    );
  }
  // The first quarter warms the compiler.
  const warm = Math.floor(rounds / 4);
  const row = (metric: string, read: (rate: Rate) => number): BenchRow => {
    const value = Math.round(median(identified.slice(warm).map(read)));
    const baseline = Math.round(median(checked.slice(warm).map(read)));
    return {
      metric,
      value,
      unit: '/s',
      baseline,
      ratio: Math.round((value / baseline) * 1000) / 1000,
      gate: GATE,
      goal: GOAL,
      met: value >= GATE,
    };
  };
  const rows = [
    row('identifications per second of one core', ({ byProcessor }) => byProcessor),
    row('the same by the clock', ({ byClock }) => byClock),
  ];
  return { rows, recognised: recognised / probes };
}

export function describeLookup({ rows, recognised }: LookupResult): string {
  const lines = rows.map(({ metric, value, baseline, ratio, gate, goal, met }) => [
    metric,
    `${value} /s`,
    `${baseline} /s`,
    String(ratio),
    `${gate} /s`,
    `${goal} /s`,
    met ? 'yes' : 'no',
  ]);
  const head = ['', 'identified', 'base64 + SHA-256', 'ratio', 'gate', 'goal', 'met'];
  return `${table([head, ...lines])}\n${(recognised * 100).toFixed(1)} % of the probes matched their device`;
}

function identify(registry: Registry, text: string): string | null {
  const decoded = decodeHardwareHash(text, nodeDigests);
  if (!decoded.ok || decoded.value.report === null) return null;
  const { decision } = registry.identify(toSnapshot(decoded.value.report, decoded.value.level));
  return decision.outcome === 'match' ? decision.deviceId : null;
}

function textOf(registry: Registry, index: number): string {
  const { device } = registry.devices[index % registry.size]!;
  const { tpm } = device.board;
  const extras = tpm === null ? {} : { endorsementKeyModulus: modulusOf(tpm.key) };
  const bytes = encodeHardwareHash(observe(device, new Random(21, index, 5)), nodeDigests, extras);
  return Buffer.from(bytes.buffer).toString('base64');
}

interface Rate {
  readonly byProcessor: number;
  readonly byClock: number;
}

function rateOf(count: number, work: () => void): Rate {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { byProcessor: (count / (user + system)) * 1e6, byClock: (count / (performance.now() - startedAt)) * 1000 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
