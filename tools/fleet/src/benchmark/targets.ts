import type { BenchRow } from './results.js';
import type { ScenarioResult } from './run.js';
import type { DeviceClass } from './scenario.js';
import { CLASSES } from './scenario.js';
import type { Tally } from './tally.js';
import { REALISTIC_MIX } from './realistic-mix.js';

const RECOGNISED = ['P01', 'P02', 'P03', 'P04', 'P05', 'P06', 'P07', 'P08', 'P10', 'P11'];
export const NEVER_ACCEPTED = ['N01', 'N02', 'N03', 'N05', 'N08', 'N11', 'N12'];
const WRONG_DEVICE = ['N06', 'N09', 'N11'];

export const CLASS_NAMES: Record<DeviceClass, string> = {
  tpm: 'TPM',
  envelope: 'no TPM, envelope',
  hash: 'no TPM, hash only',
};

interface Target {
  readonly title: string;
  readonly sense: 'at least' | 'at most';
  readonly limits: Readonly<Record<DeviceClass, number>>;
  /** Of how many, how many. */
  readonly count: (results: readonly ScenarioResult[]) => { readonly hits: number; readonly trials: number };
}

/**
 * Targets of matching.md E.2. Indistinguishable devices are counted apart. Where the reference says zero, the limit is the rate
 * its number of trials supports.
 */
const TARGETS: readonly Target[] = [
  {
    title: 'recall: match on P01 to P08, P10, P11',
    sense: 'at least',
    limits: { tpm: 0.999, envelope: 0.98, hash: 0.94 },
    count: pooled(RECOGNISED, ({ right }) => right),
  },
  {
    title: 'match or review on all P',
    sense: 'at least',
    limits: { tpm: 0.9999, envelope: 0.999, hash: 0.995 },
    count: pooled('P', ({ right, review }) => right + review),
  },
  {
    title: 'false accepts on N01, N02, N03, N05, N08, N11, N12',
    sense: 'at most',
    limits: { tpm: 1e-6, envelope: 1e-5, hash: 1e-4 },
    count: pooled(NEVER_ACCEPTED, ({ wrong }) => wrong),
  },
  {
    title: 'false accepts on N04 with a surviving trace',
    sense: 'at most',
    limits: { tpm: 1e-6, envelope: 1e-5, hash: 1e-4 },
    count: pooled(['N04'], ({ wrong }) => wrong),
  },
  {
    title: 'precision of match over all scenarios',
    sense: 'at least',
    limits: { tpm: 0.99999, envelope: 0.9999, hash: 0.999 },
    count: precision,
  },
  {
    title: 'match to the wrong device on N06, N09, N11',
    sense: 'at most',
    limits: { tpm: 1e-6, envelope: 1e-6, hash: 1e-5 },
    count: pooled(WRONG_DEVICE, ({ wrong }) => wrong),
  },
];

/** Every target in every class as a row; `bound` is what the sample supports at 95 %. */
export function judgeTargets(results: readonly ScenarioResult[]): BenchRow[] {
  const rows: BenchRow[] = [];
  for (const target of TARGETS) {
    for (const kind of CLASSES) {
      const { hits, trials } = target.count(results.filter((result) => result.kind === kind));
      rows.push(judge(`${target.title} (${CLASS_NAMES[kind]})`, target.sense, target.limits[kind], hits, trials));
    }
  }
  return [...rows, ...mixRows(results), additiveRow(results)];
}

function judge(metric: string, sense: Target['sense'], gate: number, hits: number, trials: number): BenchRow {
  const value = trials === 0 ? null : hits / trials;
  const bound = sense === 'at least' ? 1 - upperBound(trials - hits, trials) : upperBound(hits, trials);
  const met = trials > 0 && (sense === 'at least' ? bound >= gate : bound <= gate);
  const side = sense === 'at least' ? 'no less than' : 'no more than';
  const note = `${hits} of ${trials}; the sample supports ${side} ${short(bound)}`;
  return { metric, value, unit: 'share', baseline: null, ratio: null, gate, goal: gate, met, note };
}

/** Upper 95 % bound of a rate: rule of three for none, Wilson's otherwise. */
export function upperBound(hits: number, trials: number): number {
  if (trials === 0) return 1;
  if (hits === 0) return Math.min(1, 3 / trials);
  const z = 1.645;
  const rate = hits / trials;
  const centre = rate + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials));
  return Math.min(1, (centre + spread) / (1 + (z * z) / trials));
}

function pooled(scenarios: readonly string[] | 'P', hitsOf: (tally: Tally) => number): Target['count'] {
  return (results) => {
    const chosen = results.filter(({ scenario }) =>
      scenarios === 'P' ? scenario.startsWith('P') : scenarios.includes(scenario),
    );
    return {
      hits: chosen.reduce((sum, { distinguishable }) => sum + hitsOf(distinguishable), 0),
      trials: chosen.reduce((sum, { distinguishable }) => sum + distinguishable.trials, 0),
    };
  };
}

function precision(results: readonly ScenarioResult[]): { hits: number; trials: number } {
  const sum = (field: 'right' | 'wrong'): number =>
    results.reduce((total, { distinguishable }) => total + distinguishable[field], 0);
  return { hits: sum('right'), trials: sum('right') + sum('wrong') };
}

const REVIEW_LIMITS: Record<DeviceClass, number> = { tpm: 0.005, envelope: 0.03, hash: 0.06 };
const CALIBRATION_LIMITS: Record<DeviceClass, number> = { tpm: 0.01, envelope: 0.02, hash: 0.03 };

/** What an organisation would see: scenarios weighted as they happen. */
function mixRows(results: readonly ScenarioResult[]): BenchRow[] {
  return CLASSES.flatMap((kind) => {
    const own = results.filter((result) => result.kind === kind && result.distinguishable.trials > 0);
    const weightOf = ({ scenario }: ScenarioResult): number => REALISTIC_MIX[scenario] ?? 0;
    const whole = own.reduce((sum, result) => sum + weightOf(result), 0);
    const trials = own.reduce((sum, { distinguishable }) => sum + distinguishable.trials, 0);
    const review =
      own.reduce(
        (sum, result) => sum + (weightOf(result) * result.distinguishable.review) / result.distinguishable.trials,
        0,
      ) / whole;
    return [
      {
        metric: `review rate at a realistic mix (${CLASS_NAMES[kind]})`,
        value: review,
        unit: 'share',
        baseline: null,
        ratio: null,
        gate: REVIEW_LIMITS[kind],
        goal: REVIEW_LIMITS[kind],
        met: trials > 1000 && review <= REVIEW_LIMITS[kind],
      },
      calibrationRow(kind, own, weightOf),
    ];
  });
}

function calibrationRow(
  kind: DeviceClass,
  own: readonly ScenarioResult[],
  weightOf: (result: ScenarioResult) => number,
): BenchRow {
  let error = 0;
  let whole = 0;
  for (let bin = 0; bin < 10; bin += 1) {
    let [weight, owners, posterior] = [0, 0, 0];
    for (const result of own) {
      const { trials, owners: hits, posterior: sum } = result.distinguishable.bins[bin]!;
      const scale = weightOf(result) / result.distinguishable.trials;
      weight += trials * scale;
      owners += hits * scale;
      posterior += sum * scale;
    }
    whole += weight;
    error += Math.abs(owners - posterior);
  }
  const value = whole === 0 ? null : error / whole;
  const gate = CALIBRATION_LIMITS[kind];
  return {
    metric: `expected calibration error at that mix (${CLASS_NAMES[kind]})`,
    value,
    unit: 'share',
    baseline: null,
    ratio: null,
    gate,
    goal: gate,
    met: value !== null && value <= gate,
  };
}

/** If adding up did well here, the generator would be too kind. */
function additiveRow(results: readonly ScenarioResult[]): BenchRow {
  const tally = results.find(({ scenario, kind }) => scenario === 'N03' && kind === 'tpm')?.distinguishable;
  const hits = tally?.additiveWrong ?? 0;
  return judge('additive baseline: false accepts on N03 (TPM)', 'at least', 0.5, hits, tally?.trials ?? 0);
}

function short(value: number): string {
  return value > 0.9 ? value.toFixed(6) : value.toExponential(1);
}
