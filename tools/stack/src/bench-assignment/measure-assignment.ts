import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type pg from 'pg';

import type { BenchTenant } from './tenant-of-size.js';

/** Milliseconds of one round. */
export interface Round {
  /** From the change of a profile's groups to the end of the run that moves every device. */
  moveMs: number;
  /** A run that looks at every device and finds nothing to move. */
  lookMs: number;
  /** One bare `UPDATE … FROM` of the same rows. */
  bareMs: number;
}

export interface Bench {
  admin: pg.Pool;
  apiUrl: string;
  token: string;
  tenant: BenchTenant;
  devices: number;
}

/** All devices for the first time: their attributes are folded and their rows are new. */
export async function firstAssignment(bench: Bench): Promise<number> {
  return await timed(bench, () => giveOldestTo(bench, []), bench.tenant.second);
}

/** The product and the bare update, by turns. Whoever comes later finds a table that was vacuumed, as the first one did. */
export async function measureRounds(bench: Bench, rounds: number): Promise<Round[]> {
  await bench.admin.query(
    'create table public.bench_due (device_id uuid primary key, profile_id uuid, profile_version integer)',
  );
  const measured: Round[] = [];
  for (let round = 0; round < rounds + 1; round += 1) {
    const product = async (): Promise<[number, number]> => {
      const back = round % 2 === 0;
      const { oldest, second, everybody } = bench.tenant;
      await settle(bench.admin);
      const moveMs = await timed(bench, () => giveOldestTo(bench, back ? [everybody] : []), back ? oldest : second);
      await settle(bench.admin);
      return [moveMs, await timed(bench, () => touchLastProfile(bench), back ? oldest : second)];
    };
    const bareFirst = round % 2 === 1;
    const early = bareFirst ? await bareUpdate(bench) : 0;
    const [moveMs, lookMs] = await product();
    const bareMs = bareFirst ? early : await bareUpdate(bench);
    // The first one warms up.
    if (round > 0) measured.push({ moveMs, lookMs, bareMs });
  }
  return measured;
}

/** Sends a change and waits until the run it led to is over. @returns milliseconds from the request to the run's end */
async function timed(bench: Bench, change: () => Promise<string>, expected: string): Promise<number> {
  const { admin, tenant, devices } = bench;
  const startedAt = Date.now();
  const runId = await change();
  for (;;) {
    const { rows } = await admin.query<{ state: string; finished: string }>(
      'select state, extract(epoch from finished_at) * 1000 as finished from registry.run where id = $1',
      [runId],
    );
    const { state, finished } = rows[0]!;
    if (state === 'completed') {
      const { rows: counted } = await admin.query<{ assigned: number }>(
        `select count(*)::integer as assigned from registry.device_assignment
         where tenant_id = $1 and profile_id = $2 and state = 'assigned' and assigned_at is not null`,
        [tenant.tenantId, expected],
      );
      if (counted[0]!.assigned !== devices) throw new Error(`${counted[0]!.assigned} of ${devices} devices were moved`);
      return Number(finished) - startedAt;
    }
    if (state !== 'accepted' && state !== 'running') throw new Error(`the run is ${state}`);
    await pause(10);
  }
}

async function giveOldestTo(bench: Bench, includedGroups: string[]): Promise<string> {
  return await change(bench, bench.tenant.oldest, { includedGroups });
}

/** A change after which everything is looked at and nothing is due: a profile that never wins is given to nobody new. */
async function touchLastProfile(bench: Bench): Promise<string> {
  return await change(bench, bench.tenant.second, { includedGroups: [bench.tenant.everybody] });
}

async function change({ apiUrl, token, tenant }: Bench, profileId: string, body: object): Promise<string> {
  const address = `${apiUrl}/v1/tenants/${tenant.tenantId}/profiles/${profileId}/assignments`;
  const headers = { authorization: `Bearer ${token}` };
  const before = (await (await fetch(address, { headers })).json()) as { etag: string };
  const response = await fetch(address, {
    method: 'PATCH',
    headers: {
      ...headers,
      'content-type': 'application/json',
      'if-match': before.etag,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { operationId: string };
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer.operationId;
}

async function bareUpdate({ admin, tenant, devices }: Bench): Promise<number> {
  await admin.query('truncate public.bench_due');
  await admin.query(
    `insert into public.bench_due select device_id, profile_id, profile_version from registry.device_assignment where tenant_id = $1`,
    [tenant.tenantId],
  );
  await admin.query('vacuum (analyze) public.bench_due');
  await settle(admin);
  const startedAt = performance.now();
  const { rowCount } = await admin.query(
    `update registry.device_assignment a
     set profile_id = d.profile_id, profile_version = d.profile_version, state = 'assigned', assigned_at = clock_timestamp()
     from public.bench_due d where a.tenant_id = $1 and a.device_id = d.device_id`,
    [tenant.tenantId],
  );
  if (rowCount !== devices) throw new Error(`${rowCount} of ${devices} rows were updated`);
  return performance.now() - startedAt;
}

async function settle(admin: pg.Pool): Promise<void> {
  await admin.query('vacuum (analyze) registry.device_assignment');
  await admin.query('checkpoint');
}
