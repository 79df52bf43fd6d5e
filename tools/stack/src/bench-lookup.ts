import { parseArgs } from 'node:util';

import { decideAll, describeLookup, table, writeResults, type BenchRow } from '@groundcrew/fleet';
import { prepareDatabase } from '@groundcrew/persistence/prepare-database';
import { urlFor } from '@groundcrew/persistence/without-orm';
import pg from 'pg';

import { measureLookup } from './bench-lookup/measure-lookup.js';
import { fillRegistry, keysPerDevice } from './bench-lookup/registry-of-size.js';
import { ephemeralFolder, removeEphemeralFolder, sweepEphemeralFolders } from './ephemeral.js';
import { onInterruption } from './interruption.js';
import { startPostgres } from './postgres/postgres.js';
import { printedProgress } from './progress.js';
import { secretsOf } from './secrets.js';

/**
 * `npm run bench:lookup`: identifications per second against candidates in memory, and what finding those candidates costs in
 * PostgreSQL beside a bare primary-key select. Source: matching.md D.
 */
const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '24000' },
    /** For a look at one half; nothing is written then. */
    only: { type: 'string' },
  },
});
const devices = Number(values.devices);
const database = 'lookup';

const progress = printedProgress();
onInterruption(() => process.exit(130));
await sweepEphemeralFolders((line) => progress.line(line));

const rows: BenchRow[] = [];
if (values.only !== 'postgres') {
  const result = decideAll({ fleet: 20_000, probes: 4_000, rounds: 12 });
  console.log(`${describeLookup(result)}\n`);
  rows.push(...result.rows);
}
if (values.only !== 'memory') rows.push(...(await lookUpInPostgres()));
if (values.only === undefined) console.log(`Written to ${writeResults('lookup', rows, { devices })}.`);
process.exitCode = rows.every(({ met }) => met) ? 0 : 1;

async function lookUpInPostgres(): Promise<BenchRow[]> {
  const folder = ephemeralFolder('lookup');
  const server = await startPostgres({ folder, report: (line) => progress.line(line) });
  try {
    const { passwords } = secretsOf(folder);
    await prepareDatabase({ adminUrl: server.adminUrl, database, passwords, reset: true });
    const admin = await connected(databaseUrl(server.adminUrl));
    const worker = await connected(urlFor(server.adminUrl, database, 'worker', passwords.worker));
    try {
      const size = { devices, sharing: Math.round(devices / 10) };
      progress.line(`writing ${devices} devices with ${devices * keysPerDevice} keys`);
      await fillRegistry(admin, size);
      progress.line('measuring');
      const measured = await measureLookup(admin, worker, size, Number(values.rounds));
      console.log(`${describe(measured)}\n`);
      return measured;
    } finally {
      await Promise.all([admin.end(), worker.end()]);
    }
  } finally {
    await server.stop();
    removeEphemeralFolder(folder);
  }
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

function databaseUrl(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

function describe(measured: readonly BenchRow[]): string {
  const cell = (value: number | null, unit: string): string => (value === null ? '' : `${value}${unit}`);
  return table([
    ['PostgreSQL', 'lookup', 'baseline', 'ratio', 'gate', 'goal', 'met'],
    ...measured.map(({ metric, value, baseline, ratio, gate, goal, met }) => [
      metric,
      cell(value, ' ms'),
      cell(baseline, ' ms'),
      cell(ratio, '×'),
      cell(gate, '×'),
      cell(goal, '×'),
      gate === null ? '' : met ? 'yes' : 'no',
    ]),
  ]);
}
