import { onInterruption, printedProgress, sweepEphemeralFolders } from '@groundcrew/stack';
import { parseArgs } from 'node:util';
import { openDeregistering } from '../../support/deregistering.js';
import { startRunningStack } from '../../support/running-stack.js';
import { shortWaitsAtNeighbours } from '../../support/short-waits.js';
import { openPlugs } from './kill-and-revive.js';
import { planOfSeed } from './plan-of-seed.js';
import { checkSeed, patienceFor, playSeed, stageSeed, type Played } from './play-seed.js';
import { sentencesOf, summaryOf, writeSummary } from './summary.js';

/**
 * `npm run faults`: deregistrations of several chunks whose neighbours misbehave, while the worker, the neighbours' process, PostgreSQL and
 * Temporal are killed. `--seeds N`, from `--first K` on; `--together N` of them share the service and its blows; `--minutes M`
 * begins nothing new after that time; `--out none` writes no result.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    devices: { type: 'string', default: '200' },
    together: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '240' },
    out: { type: 'string', default: 'bench/results/faults.json' },
  },
});
const [seeds, first, devices, together] = [values.seeds, values.first, values.devices, values.together].map(Number);

const progress = printedProgress();
const interruption = onInterruption(() => process.exit(130));
await sweepEphemeralFolders((line) => progress.line(line));
const crashes: string[] = [];
const world = await startRunningStack(
  'own',
  {
    ...shortWaitsAtNeighbours,
    // Four chunks of 200 devices, of which two are under way; removals rest a moment, so that a cancel can take them back.
    GROUNDCREW_DEREGISTRATION_CHUNK: String(Math.ceil(devices! / 4)),
    GROUNDCREW_MANAGEMENT_APPLY_DELAY_MS: '100',
    GROUNDCREW_NEIGHBOURS_APPLY_DELAY_MS: '20',
    // Several runs at a time.
    GROUNDCREW_BULK_ACTIVITIES: '12',
    GROUNDCREW_OBSERVE_PATIENCE_MS: '300',
    GROUNDCREW_STEP_DEADLINE_MS: '8000',
  },
  {
    supervise: true,
    signal: interruption.signal,
    progress: {
      tick: () => undefined,
      // Killed by us an application ends by a signal; otherwise it has ended by itself.
      line: (text) => {
        if (/^(worker|neighbours|relay|api) ended \(exit code/.test(text)) crashes.push(text);
      },
    },
  },
);
const deregistering = openDeregistering(world);
const played: Played[] = [];
const began = performance.now();
try {
  const strike = openPlugs(world);
  const all = Array.from({ length: seeds! }, (_, index) => first! + index);
  const isLate = () => performance.now() - began > Number(values.minutes) * 60_000;
  while (played.length < all.length && !interruption.signal.aborted && !isLate()) {
    const plans = all.slice(played.length, played.length + together!).map(planOfSeed);
    const staged = await Promise.all(plans.map((plan) => stageSeed(world, deregistering, plan, devices!)));
    const wave = await Promise.all(
      staged.map((each) => playSeed(world, deregistering, each, strike, patienceFor(together!))),
    );
    await Promise.all(staged.map((each, index) => checkSeed(world, deregistering, each, wave[index]!)));
    for (const each of wave) progress.line(sentencesOf(each));
    played.push(...wave);
  }
} finally {
  await deregistering.close();
  await world.stop();
}
const summary = summaryOf(played, {
  devices: devices!,
  together: together!,
  seconds: (performance.now() - began) / 1_000,
  crashes,
});
console.log(`\n${JSON.stringify({ ...summary, violations: summary.violations.length }, null, 2)}\n`);
if (values.out !== 'none') console.log(`Written to ${writeSummary(values.out, summary)}.`);
process.exitCode = summary.violations.length > 0 || crashes.length > 0 || played.length < seeds! ? 1 : 0;
