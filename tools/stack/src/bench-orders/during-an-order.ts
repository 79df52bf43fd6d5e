import { setTimeout as pause } from 'node:timers/promises';

import type pg from 'pg';

import { orderAddress, orderHeaders, tenantId } from './scene.js';
import { ask, now } from './send.js';

/** What others get while an order is worked on. Milliseconds each. */
export interface Others {
  /** Registrations of one device: from the call to the verdict. */
  singles: number[];
  reads: number[];
}

const readEveryMs = 40;
const singleEveryMs = 600;

export interface OthersStage {
  apiUrl: string;
  admin: pg.Pool;
  pipeline: string;
  reader: string;
}

/**
 * Reads devices at a steady pace, and registers single ones where there are any, until told to stop. The pace does not wait for
 * answers: whoever is kept waiting is counted with all of the wait.
 */
export async function othersUntil(
  stage: OthersStage,
  deviceIds: readonly string[],
  singles: string[],
  done: Promise<unknown>,
): Promise<Others> {
  let over = false;
  void done.finally(() => (over = true)).catch(() => undefined);
  const reads = pacedBy(
    readEveryMs,
    () => over,
    (turn) => readDevice(stage, deviceIds[turn % deviceIds.length]!),
  );
  const registered = pacedBy(
    singleEveryMs,
    () => over || singles.length === 0,
    () => registerOne(stage, singles.pop()!),
  );
  return { reads: await reads, singles: await registered };
}

async function pacedBy(
  everyMs: number,
  over: () => boolean,
  act: (turn: number) => Promise<number>,
): Promise<number[]> {
  const acts: Promise<number>[] = [];
  const startedAt = performance.now();
  while (!over()) {
    const due = startedAt + acts.length * everyMs;
    const ahead = due - performance.now();
    if (ahead > 0) await pause(ahead);
    // Late because this process was: counted from when it should have begun.
    const late = Math.max(0, performance.now() - due);
    acts.push(act(acts.length).then((milliseconds) => milliseconds + late));
  }
  return await Promise.all(acts);
}

async function readDevice(stage: OthersStage, deviceId: string): Promise<number> {
  const { milliseconds, status, text } = await ask(
    'GET',
    `${stage.apiUrl}/v1/tenants/${tenantId}/devices/${deviceId}`,
    {
      authorization: `Bearer ${stage.reader}`,
    },
  );
  if (status !== 200) throw new Error(`a device was answered ${status}: ${text}`);
  return milliseconds;
}

async function registerOne(stage: OthersStage, line: string): Promise<number> {
  const calledAt = now();
  const { status, text } = await ask('POST', orderAddress(stage.apiUrl), orderHeaders(stage.pipeline), line);
  if (status !== 202) throw new Error(`a single device was answered ${status}: ${text}`);
  const { id } = JSON.parse(text) as { id: string };
  for (;;) {
    await pause(100);
    const { rows } = await stage.admin.query<{ finished: string | null; counts: object }>(
      'select extract(epoch from finished_at) * 1000 as finished, counts from registry.run where id = $1',
      [id],
    );
    const { finished, counts } = rows[0]!;
    if (finished === null) continue;
    if (!('registered' in counts)) throw new Error(`a single device was not registered: ${JSON.stringify(counts)}`);
    return Number(finished) - calledAt;
  }
}
