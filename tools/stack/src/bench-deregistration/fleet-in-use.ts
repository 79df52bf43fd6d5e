import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { generateFleet } from '@groundcrew/fleet';
import { enrolDevices } from '@groundcrew/subsystems';
import type pg from 'pg';

import { orderAddress, orderHeaders, tenantId } from '../bench-orders/scene.js';

let seed = 0;

/** Registers new devices through the front door and enrols them all. @returns their ids */
export async function devicesInUse(
  stage: { apiUrl: string; admin: pg.Pool; pipeline: string },
  count: number,
): Promise<string[]> {
  seed += 1;
  const lines = [...generateFleet({ seed, devices: count })].map((device) => JSON.stringify(device));
  const response = await fetch(orderAddress(stage.apiUrl), {
    method: 'POST',
    headers: orderHeaders(stage.pipeline),
    body: lines.join('\n'),
  });
  if (response.status !== 202) throw new Error(`the order was answered ${response.status}: ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  await closedRun(stage.admin, id);
  const { rows } = await stage.admin.query<{ id: string; serial_number: string }>(
    'select id, serial_number from registry.device where tenant_id = $1 and source_run_id = $2 order by id',
    [tenantId, id],
  );
  if (rows.length !== count) throw new Error(`of ${count} devices ${rows.length} were registered`);
  await enrolDevices(
    stage.admin,
    tenantId,
    rows.map((row) => ({ registrationId: row.id, serialNumber: row.serial_number })),
  );
  await quiet(stage.admin);
  return rows.map((row) => row.id);
}

/** Waits until a run is over. @returns its end and its counts */
export async function closedRun(admin: pg.Pool, runId: string): Promise<{ finishedAt: number; counts: object }> {
  for (;;) {
    const { rows } = await admin.query<{ state: string; finished: number; counts: object }>(
      `select state, (extract(epoch from finished_at) * 1000)::float8 as finished, counts from registry.run where id = $1`,
      [runId],
    );
    const { state, finished, counts } = rows[0]!;
    if (state === 'completed') return { finishedAt: finished, counts };
    if (state !== 'accepted' && state !== 'running') throw new Error(`the run is ${state}: ${JSON.stringify(counts)}`);
    await pause(10);
  }
}

/** Until nothing that was asked before is still under way. */
async function quiet(admin: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await admin.query<{ open: number }>(
      `select count(*)::int as open from registry.run where state in ('accepted', 'running')`,
    );
    if (rows[0]!.open === 0) return;
    await pause(50);
  }
}

/** Plans and executes. @returns the run, and from the 202 to its end in milliseconds */
export async function deregister(
  stage: { apiUrl: string; admin: pg.Pool; administrator: string },
  deviceIds: readonly string[],
): Promise<{ runId: string; milliseconds: number }> {
  const post = async (query: string, body: object): Promise<{ id: string }> => {
    const response = await fetch(`${stage.apiUrl}/v1/tenants/${tenantId}/deregistrations${query}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stage.administrator}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    if (response.status >= 300) throw new Error(`answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { id: string };
  };
  const plan = await post('?dryRun=true', { reason: 'end_of_life', deviceIds });
  const run = await post('', { planId: plan.id });
  const acceptedAt = performance.timeOrigin + performance.now();
  const { finishedAt, counts } = await closedRun(stage.admin, run.id);
  const gone = (counts as { deregistered?: number }).deregistered ?? 0;
  if (gone !== deviceIds.length)
    throw new Error(`of ${deviceIds.length} devices ${gone} are gone: ${JSON.stringify(counts)}`);
  return { runId: run.id, milliseconds: finishedAt - acceptedAt };
}
