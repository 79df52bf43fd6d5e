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
 * Temporal are killed. `--seeds N`, from `--first K` on; `--together N` of them share the service and its blows at a time; `--minutes M`
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
  const plans = Array.from({ length: seeds! }, (_, index) => planOfSeed(first! + index));
  // Nobody is killed while devices are registered, nor while stores are looked into.
  const staged = await inTurn(plans, (plan) => stageSeed(world, deregistering, plan, devices!));
  progress.line(`${staged.length} tenants with ${devices} devices each are ready after ${secondsSince(began)} s`);
  const isLate = () => performance.now() - began > Number(values.minutes) * 60_000;
  const over = await inTurn(staged, async (each) => {
    if (interruption.signal.aborted || isLate()) return null;
    const one = await playSeed(world, deregistering, each, strike, patienceFor(together!));
    progress.line(`seed ${each.plan.seed} is over after ${secondsSince(began)} s`);
    return { each, one };
  });
  const done = over.filter((pair) => pair !== null);
  await inTurn(done, ({ each, one }) => checkSeed(world, deregistering, each, one));
  for (const { one } of done) progress.line(sentencesOf(one));
  played.push(...done.map(({ one }) => one));
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

/** Works through them, so many at a time as share the service. @returns what came of each, in their order */
async function inTurn<Task, Result>(tasks: readonly Task[], work: (task: Task) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) results[index] = await work(tasks[index]!);
  };
  await Promise.all(Array.from({ length: together! }, lane));
  return results;
}

function secondsSince(moment: number): number {
  return Math.round((performance.now() - moment) / 1_000);
}
