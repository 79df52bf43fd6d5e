import { parseArgs } from 'node:util';

import { tableOfRows, writeResults } from '@groundcrew/fleet';

import { historyEvents } from './bench-orders/history-events.js';
import { plans, type Plan } from './bench-orders/plan.js';
import { rowsOf } from './bench-orders/rows.js';
import { runRounds } from './bench-orders/rounds.js';
import { closeConnections } from './bench-orders/send.js';
import { openStage } from './bench-orders/stage.js';
import { sweepEphemeralFolders } from './ephemeral.js';
import { onInterruption } from './interruption.js';
import { printedProgress } from './progress.js';

/**
 * `npm run bench:orders`: orders through the API to their last verdict, beside a bare COPY of every row they leave behind and a bare
 * intake of the same bytes, in rounds that take turns. `--size smoke` shows in two minutes that it works, and writes nothing.
 */
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'full' },
    /** These override what the size says. */
    devices: { type: 'string' },
    registered: { type: 'string' },
    rounds: { type: 'string' },
    retries: { type: 'string' },
    'busy-rounds': { type: 'string' },
  },
});
if (values.size !== 'smoke' && values.size !== 'full') throw new Error('--size is smoke or full');
const plan = planned(plans[values.size]);

const progress = printedProgress();
const interruption = onInterruption(() => process.exit(130));
await sweepEphemeralFolders((line) => progress.line(line));
const stage = await openStage(progress, interruption.signal);
try {
  const { rounds, busy } = await runRounds(stage, plan, progress, interruption.signal);
  const largest = rounds.findLast(({ devices }) => devices === Math.max(...plan.sizes))!;
  const events = await historyEvents(stage.stack.temporalAddress, largest.product.runId);
  const rows = rowsOf({ rounds, busy, historyEvents: events, historyDevices: largest.devices });
  console.log(`\n${tableOfRows(rows)}\n`);
  if (values.size === 'full') console.log(`Written to ${writeResults('orders', rows, { plan })}.`);
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
} finally {
  closeConnections();
  await stage.stop();
}

function planned(plan: Plan): Plan {
  const numbers = (text: string | undefined, otherwise: readonly number[]): readonly number[] =>
    text === undefined ? otherwise : text.split(',').map(Number);
  return {
    ...plan,
    sizes: numbers(values.devices, plan.sizes),
    registered: numbers(values.registered, plan.registered),
    rounds: Number(values.rounds ?? plan.rounds),
    retries: Number(values.retries ?? plan.retries),
    busyRounds: Number(values['busy-rounds'] ?? plan.busyRounds),
  };
}
