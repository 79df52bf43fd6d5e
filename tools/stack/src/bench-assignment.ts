import { parseArgs } from 'node:util';

import { tableOfRows, writeResults, type BenchRow } from '@groundcrew/fleet';
import pg from 'pg';

import { quantile } from './bench-lookup/latency.js';
import { firstAssignment, measureRounds, type Round } from './bench-assignment/measure-assignment.js';
import { fillTenant, groupsOfTenant } from './bench-assignment/tenant-of-size.js';
import { ephemeralFolder, removeEphemeralFolder, sweepEphemeralFolders } from './ephemeral.js';
import { onInterruption } from './interruption.js';
import { printedProgress } from './progress.js';
import { startStack } from './stack.js';

/**
 * `npm run bench:assignment`: a profile's groups change so that every device of a tenant moves, from the request to the end of the run
 * that was read back, through the whole product; beside a bare `UPDATE … FROM` of the same rows.
 */
const { values } = parseArgs({
  options: { devices: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '5' } },
});
const [devices, rounds] = [Number(values.devices), Number(values.rounds)];
/** Fewer rounds than these say nothing about a ratio, and fewer devices nothing about the gate. */
const fewestRounds = 5;
const gateAt = 100_000;

const progress = printedProgress();
const interruption = onInterruption(() => process.exit(130));
await sweepEphemeralFolders((line) => progress.line(line));
const folder = ephemeralFolder('assignment');
const stops: (() => unknown)[] = [() => removeEphemeralFolder(folder)];
try {
  const stack = await startStack({
    folder,
    supervise: false,
    ports: 'free',
    servers: 'own',
    database: 'assignment',
    progress,
    signal: interruption.signal,
  });
  stops.push(() => stack.stop());
  const url = new URL(stack.adminUrl);
  url.pathname = '/assignment';
  const admin = new pg.Pool({ connectionString: url.href, max: 2 });
  admin.on('error', () => undefined);
  stops.push(() => admin.end());

  progress.line(`writing ${devices} devices and ${groupsOfTenant} groups`);
  const tenant = await fillTenant(admin, devices);
  const token = await stack.mintToken({ role: 'Tenant.Owner', tid: tenant.tenantId });
  const bench = { admin, apiUrl: stack.apiUrl, token, tenant, devices };
  const firstMs = await firstAssignment(bench);
  progress.line(`first assignment: ${seconds(firstMs)} s`);
  const measured = await measureRounds(bench, rounds);
  for (const round of measured) progress.line(described(round));
  const rows = rowsOf(measured, firstMs);
  console.log(`\n${tableOfRows(rows)}\n`);
  if (devices >= gateAt) {
    console.log(`Written to ${writeResults('assignment', rows, { devices, rounds, groups: groupsOfTenant })}.`);
  }
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
} finally {
  for (const stop of stops.toReversed()) await stop();
}

function rowsOf(measured: readonly Round[], firstMs: number): BenchRow[] {
  const median = (of: (round: Round) => number): number => quantile(measured.map(of), 0.5);
  const baseline = median(({ bareMs }) => bareMs);
  const enough = measured.length >= fewestRounds && devices >= gateAt;
  const note = enough
    ? {}
    : { note: `${measured.length} rounds of ${devices}; ${fewestRounds} of ${gateAt} are wanted` };
  const beside = (metric: string, ms: number, gate: number | null, goal: number | null): BenchRow => {
    const ratio = Math.round((ms / baseline) * 100) / 100;
    const met = gate === null || (enough && ratio <= gate);
    return { metric, value: seconds(ms), unit: 's', baseline: seconds(baseline), ratio, gate, goal, met, ...note };
  };
  const moveMs = median((round) => round.moveMs);
  return [
    beside(`${devices} devices moved and read back, beside a bare UPDATE … FROM`, moveMs, 5, 2),
    {
      metric: `${devices} devices moved and read back`,
      value: seconds(Math.max(...measured.map((round) => round.moveMs))),
      unit: 's, slowest round',
      baseline: null,
      ratio: null,
      gate: 30,
      goal: null,
      met: enough && measured.every((round) => round.moveMs <= 30_000),
      ...note,
    },
    beside(
      `${devices} devices looked at, none moved`,
      median(({ lookMs }) => lookMs),
      null,
      null,
    ),
    beside(`${devices} devices for the first time`, firstMs, null, null),
  ];
}

function described({ moveMs, lookMs, bareMs }: Round): string {
  return `moved in ${seconds(moveMs)} s, looked at in ${seconds(lookMs)} s, bare update in ${seconds(bareMs)} s`;
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
