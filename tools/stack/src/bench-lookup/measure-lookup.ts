import { findCandidateRows, gatherKeys, type AskSql } from '@groundcrew/persistence/without-orm';
import type { BenchRow } from '@groundcrew/fleet';
import type pg from 'pg';

import { quantile, takeTurns, type Contender, type Latencies } from './latency.js';
import { deviceIdSql, keysPerDevice, keySql, tenantId, type RegistrySize } from './registry-of-size.js';

/** A device to ask for. */
interface Probe {
  deviceId: string;
  keys: { key: bigint }[];
}

const lookup = 'lookup';
const shared = 'lookup with a shared key';
const bare = 'primary key';
const warmUp = 1_500;
const fewestSamples = 20_000;

/**
 * Lookups beside a bare select by primary key, each of a random device, in the same rounds. A lookup is what registration and match
 * do: the prepared statement, as the worker's role, the candidate's sealed snapshot with it. The bare select brings such a
 * snapshot, too, over the same connection, to somebody who knows the device already; no policy slows it.
 */
export async function measureLookup(
  admin: pg.Client,
  worker: pg.Client,
  size: RegistrySize,
  rounds: number,
): Promise<BenchRow[]> {
  await admin.query('alter policy device_of_work on registry.device_snapshot using (true)');
  await worker.query("select set_config('groundcrew.tenant_id', $1, false)", [tenantId]);
  const ask: AskSql = async (sql, values) =>
    (await worker.query({ name: 'find_candidates', text: sql, values: [...values] })).rows;
  const ordinary = await probesOf(admin, size, rounds + warmUp, size.sharing, size.devices);
  const sharing = await probesOf(admin, size, rounds + warmUp, 0, size.sharing);
  const known = await probesOf(admin, size, rounds + warmUp, 0, size.devices);
  const finds = (name: string, probes: readonly Probe[]): Contender => ({
    name,
    ask: async (round) => {
      const { deviceId, keys } = probes[round]!;
      const found = await findCandidateRows(ask, gatherKeys([[0, keys]]));
      if (found.length !== 1 || found[0]!.device_id !== deviceId) throw new Error('a device was not found by its keys');
    },
  });
  const latencies = await takeTurns(
    [finds(lookup, ordinary), finds(shared, sharing), { name: bare, ask: (round) => readBare(worker, known[round]!) }],
    rounds,
    warmUp,
  );
  return rowsOf(latencies, size);
}

async function readBare(worker: pg.Client, { deviceId }: Probe): Promise<void> {
  const text = 'select device_id, enrolled from registry.device_snapshot where device_id = $1';
  const { rows } = await worker.query({ name: 'bare', text, values: [deviceId] });
  if (rows.length !== 1) throw new Error('a device is missing');
}

/** Devices at random between two numbers. Made beforehand: drawing them is no part of what is measured. */
async function probesOf(
  admin: pg.Client,
  size: RegistrySize,
  count: number,
  from: number,
  to: number,
): Promise<Probe[]> {
  const { rows } = await admin.query<{ id: string; keys: string[] }>(
    `select ${deviceIdSql('d.n')} as id, array(select (${keySql('d.n', 'k', size.sharing)})::text from generate_series(1, ${keysPerDevice}) as k) as keys
     from (select ($1::integer + floor(random() * ($2::integer - $1::integer)))::integer as n from generate_series(1, $3::integer) offset 0) as d`,
    [from, to, count],
  );
  return rows.map(({ id, keys }) => ({ deviceId: id, keys: keys.map((key) => ({ key: BigInt(key) })) }));
}

function rowsOf(latencies: Latencies, size: RegistrySize): BenchRow[] {
  const row = (
    what: string,
    share: number,
    of: string,
    beside: string,
    gate: number | null,
    goal: number | null,
  ): BenchRow => {
    const sample = latencies.get(of)!;
    const value = quantile(sample, share);
    const baseline = quantile(latencies.get(beside)!, share);
    const ratio = value / baseline;
    const enough = sample.length >= fewestSamples;
    return {
      metric: `${what}, p${share * 100}`,
      value: rounded(value),
      unit: 'ms',
      baseline: rounded(baseline),
      ratio: rounded(ratio),
      gate,
      goal,
      met: gate === null || (enough && ratio <= gate),
      ...(!enough && { note: `${sample.length} samples, ${fewestSamples} are wanted` }),
    };
  };
  const ordinary = `lookup among ${size.devices} devices beside a primary-key select`;
  const withShared = `with a key of ${size.sharing} devices beside one without`;
  return [
    row(ordinary, 0.99, lookup, bare, 2.5, 2),
    row(ordinary, 0.5, lookup, bare, null, null),
    row(withShared, 0.99, shared, lookup, 3, 1.5),
    row(withShared, 0.5, shared, lookup, null, null),
  ];
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
