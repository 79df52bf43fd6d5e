import type { BenchRow } from './results.js';
import { table } from './results.js';
import type { ScenarioResult } from './run.js';
import { SCENARIOS } from './run.js';
import { CLASSES } from './scenario.js';
import type { Tally } from './tally.js';
import { CLASS_NAMES } from './targets.js';

/** The whole result as text: each class with its scenarios, the indistinguishable, and the targets. */
export function describeResults(results: readonly ScenarioResult[], rows: readonly BenchRow[]): string {
  const parts: string[] = [];
  for (const kind of CLASSES) {
    const own = results.filter((result) => result.kind === kind);
    parts.push(
      `Devices: ${CLASS_NAMES[kind]}`,
      scenarioTable(own, ({ distinguishable }) => distinguishable),
      '',
    );
    const apart = own.filter(({ indistinguishable }) => indistinguishable.trials > 0);
    if (apart.length === 0) continue;
    parts.push(
      `Indistinguishable, counted apart: ${CLASS_NAMES[kind]}, no LAN address, no product key id, serial numbers and UUID agree`,
    );
    parts.push(
      scenarioTable(apart, ({ indistinguishable }) => indistinguishable),
      '',
    );
  }
  parts.push('Targets', targetTable(rows));
  return parts.join('\n');
}

function scenarioTable(results: readonly ScenarioResult[], tallyOf: (result: ScenarioResult) => Tally): string {
  const head = [
    '',
    '',
    'probes',
    'match',
    'wrong',
    'review',
    'no match',
    'as expected',
    'precision',
    'recall',
    'adding: match',
    'adding: wrong',
  ];
  const lines = results
    .filter((result) => tallyOf(result).trials > 0)
    .map((result) => {
      const tally = tallyOf(result);
      const share = (part: number): string => percent(part / tally.trials);
      const mustMatch = expectsMatch(result.scenario);
      return [
        result.scenario,
        SCENARIOS.find(({ id }) => id === result.scenario)?.title ?? '',
        String(tally.trials),
        share(tally.right),
        share(tally.wrong),
        share(tally.review),
        share(tally.none),
        share(tally.asExpected),
        tally.right + tally.wrong === 0 ? '–' : percent(tally.right / (tally.right + tally.wrong)),
        mustMatch ? share(tally.right) : '–',
        share(tally.additiveRight),
        share(tally.additiveWrong),
      ];
    });
  return table([head, ...lines], 2);
}

function targetTable(rows: readonly BenchRow[]): string {
  const lines = rows.map(({ metric, value, gate, met, note = '' }) => [
    metric,
    value === null ? '–' : number(value),
    gate === null ? '–' : number(gate),
    verdictOf(value, gate, met, note),
    note,
  ]);
  return table([['', 'measured', 'target', '', ''], ...lines], 1);
}

/** Not met for one of two reasons: the value is wrong, or there were too few probes to say so. */
function verdictOf(value: number | null, gate: number | null, met: boolean, note: string): string {
  if (met) return 'met';
  if (value === null || gate === null) return 'not measured';
  const holds = note.includes('no less than') ? value >= gate : value <= gate;
  return holds ? 'too few probes' : 'missed';
}

function expectsMatch(scenario: string): boolean {
  const found = SCENARIOS.find(({ id }) => id === scenario);
  return found?.expected.tpm?.includes('match') ?? found?.expected.none?.includes('match') ?? false;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.001 ? 4 : 1)} %`;
}

function number(value: number): string {
  return value === 0 ? '0' : value < 0.001 ? value.toExponential(1) : value.toFixed(value > 0.9 ? 5 : 4);
}
