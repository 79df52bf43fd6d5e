import { parseArgs } from 'node:util';

import { tableOfRows, writeResults, type BenchRow } from '@groundcrew/fleet';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';

import { closedRun, deregister, devicesInUse } from './bench-deregistration/fleet-in-use.js';
import { deleteAsASet } from './bench-deregistration/set-based-delete.js';
import { quantile } from './bench-lookup/latency.js';
import { setTheScene, tenantId, tokensOf } from './bench-orders/scene.js';
import { ephemeralFolder, removeEphemeralFolder, sweepEphemeralFolders } from './ephemeral.js';
import { onInterruption } from './interruption.js';
import { printedProgress } from './progress.js';
import { startStack } from './stack.js';

/**
 * `npm run bench:deregistration`: enrolled devices from the accepted plan to the run's end, with neighbours that apply at once, beside a
 * set-based DELETE of the same rows that writes the same ledger. `--size smoke` shows that it works, and writes nothing.
 */
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'full' },
    many: { type: 'string' },
    singles: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const smoke = values.size === 'smoke';
const many = Number(values.many ?? (smoke ? 200 : 5_000));
const singles = Number(values.singles ?? (smoke ? 5 : 100));
const rounds = Number(values.rounds ?? (smoke ? 1 : 3));

const progress = printedProgress();
const interruption = onInterruption(() => process.exit(130));
await sweepEphemeralFolders((line) => progress.line(line));
const folder = ephemeralFolder('deregistration');
const database = 'deregistration';
const stack = await startStack({
  folder,
  supervise: false,
  ports: 'free',
  servers: 'own',
  database,
  extraEnv: { GROUNDCREW_SYNC_INTERVAL_MS: '0' },
  progress,
  signal: interruption.signal,
});
const adminUrl = new URL(stack.adminUrl);
adminUrl.pathname = `/${database}`;
const admin = new pg.Pool({ connectionString: adminUrl.href, max: 4 });
admin.on('error', () => undefined);
try {
  await setTheScene(admin);
  await admin.query(
    `insert into registry.deregistration_guards (tenant_id, settings, updated_by)
     values ($1, '{"mostPerRun": 1000000, "mostPerDay": 1000000, "secondPersonAbove": 1000000, "shrinkFloor": 1000000}', 'bench')`,
    [tenantId],
  );
  const { pipeline, reader } = await tokensOf(stack.mintToken);
  const rows = await measure({ apiUrl: stack.apiUrl, admin, pipeline, administrator: reader });
  console.log(`\n${tableOfRows(rows)}\n`);
  if (!smoke) console.log(`Written to ${writeResults('deregistration', rows, { many, singles, rounds })}.`);
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
} finally {
  await admin.end();
  await stack.stop();
  removeEphemeralFolder(folder);
}

async function measure(
  stage: Parameters<typeof devicesInUse>[0] & Parameters<typeof deregister>[0],
): Promise<BenchRow[]> {
  progress.line(`${singles} devices, one by one`);
  const ids = await devicesInUse(stage, singles + 5);
  const latencies: number[] = [];
  for (const [index, id] of ids.entries()) {
    const { milliseconds } = await deregister(stage, [id]);
    // The first few make everybody warm.
    if (index >= 5) latencies.push(milliseconds);
  }
  progress.line('100 devices at once');
  const hundred = await deregister(stage, await devicesInUse(stage, 100));

  const product: number[] = [];
  const bare: number[] = [];
  let lastRun = '';
  for (let round = 0; round < rounds; round += 1) {
    progress.line(`round ${round + 1}: ${many} devices, and the same as a set`);
    const turns = [
      async () => {
        const run = await deregister(stage, await devicesInUse(stage, many));
        lastRun = run.runId;
        product.push((many / run.milliseconds) * 1_000);
      },
      async () => {
        const taken = await deleteAsASet(admin, tenantId, await devicesInUse(stage, many));
        await admin.query(
          `update registry.run set state = 'completed' where state = 'accepted' and requested_by = 'bench'`,
        );
        bare.push((many / taken) * 1_000);
      },
    ];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  await closedRun(admin, lastRun);
  const events = (await historyEvents(stack.temporalAddress, lastRun)) / many;
  const ratio = quantile(product, 0.5) / quantile(bare, 0.5);
  const one = (value: number): number => Math.round(value * 10) / 10;
  const row = (metric: string, value: number, unit: string, more: Partial<BenchRow> = {}): BenchRow => ({
    metric,
    value,
    unit,
    baseline: null,
    ratio: null,
    gate: null,
    goal: null,
    met: true,
    ...more,
  });
  const p95 = quantile(latencies, 0.95);
  return [
    row('one device, p50', one(quantile(latencies, 0.5)), 'ms', { goal: 150 }),
    row('one device, p95', one(p95), 'ms', {
      gate: 1_000,
      // Of fewer, the slowest twentieth is not seen.
      met: p95 <= 1_000 && latencies.length >= 60,
    }),
    row('devices per second, 1', one(1_000 / quantile(latencies, 0.5)), '/s'),
    row('devices per second, 100', one(100_000 / hundred.milliseconds), '/s'),
    row(`devices per second, ${many}`, one(quantile(product, 0.5)), '/s', {
      baseline: one(quantile(bare, 0.5)),
      ratio: Math.round(ratio * 1_000) / 1_000,
      gate: 0.1,
      goal: 0.25,
      met: ratio >= 0.1,
    }),
    row(`history events per device, ${many}`, Math.round(events * 10_000) / 10_000, '', {
      gate: 0.5,
      met: events < 0.5,
    }),
  ];
}

async function historyEvents(address: string, runId: string): Promise<number> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    let events = 0;
    for await (const execution of client.workflow.list({ query: `WorkflowId = 'deregistration/${runId}'` })) {
      const described = await client.workflow.getHandle(execution.workflowId, execution.runId).describe();
      events += described.historyLength;
    }
    return events;
  } finally {
    await connection.close();
  }
}
