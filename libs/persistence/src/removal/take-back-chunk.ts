import type { RunCommand, RunKind, VerdictCounts } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { keepRefusedRows } from '../failed-rows/keep-failed-rows.js';
import { freeDevices, reserveDevices } from '../exclusion/device-reservations.js';
import { dropBody, type ChunkKey } from '../registration/open-chunk.js';
import { insertItems, recordProgress } from '../registration/progress.js';
import { removeRegistrations } from '../registration/remove-registrations.js';
import type { Sealer } from '../sealing.js';
import { addToRegistered } from '../registration/within-scope.js';
import { putBackChunk } from './put-back-chunk.js';
import { countTakenBack, writeRemovalSteps } from './removal-steps.js';
import { removePlannedChunk } from './remove-planned-chunk.js';

/** How many devices of a chunk now wait for the directory to let go of them, or for an object that they get again. */
export interface TakenBack {
  releasing: number;
  restoring?: number;
}

interface FencedChunk {
  kind: RunKind;
  partner_id: string;
  commanded: RunCommand | null;
  state: 'sealed' | 'planned' | 'registered' | 'settled' | 'taken_back' | 'released' | 'restoring' | 'put_back';
  takes_away: boolean;
  lines: number[] | null;
  device_ids: string[] | null;
  consent_id: string | null;
}

/**
 * Takes back what a run did in one chunk, in one transaction: rows it had not reached or not finished are cancelled, devices it
 * registered go away. What was there before the run, and what another run is working on, stays. The chunk's state is the fence.
 *
 * A chunk that takes registrations away does so here; where its run is cancelled, what is gone already is put back.
 *
 * @param unreached the lines of a chunk that nobody has decided yet
 * @param sealer keeps the rows that were not reached, for whoever sent them
 */
export async function takeBackChunk(
  pool: pg.Pool,
  key: ChunkKey,
  unreached: readonly number[],
  sealer: Sealer,
): Promise<TakenBack> {
  return inTenant(pool, key.tenantId, async (client) => {
    const chunk = await fence(client, key);
    const cancelled = chunk.commanded === 'cancel';
    if (chunk.state === 'taken_back') return { releasing: chunk.device_ids!.length };
    if (chunk.takes_away) return await takeAway(client, key, chunk, cancelled);
    if (chunk.state === 'released') return { releasing: 0 };
    // A replacement takes other devices away: what it registered stays, unless it is cancelled.
    if (chunk.kind === 'order_replacement' && !cancelled) return { releasing: 0 };

    const devices = chunk.device_ids ?? [];
    const pending = chunk.state === 'sealed' ? unreached : chunk.state === 'registered' ? chunk.lines! : [];
    if (chunk.consent_id !== null)
      await addToRegistered(client, chunk.consent_id, -(await stillOurs(client, key, devices)));
    const removed = await removeOurs(client, key, devices);
    const counts: VerdictCounts = pending.length === 0 ? {} : { cancelled: pending.length };
    if (pending.length > 0) {
      await insertItems(
        client,
        key,
        pending.map((line) => ({ line, verdict: 'cancelled', detail: null })),
      );
    }
    if (chunk.state === 'settled') await markTakenBack(client, key, removed);
    await keepRefusedRows(client, key, pending, sealer);
    await dropBody(client, key);
    await closeChunk(client, key, removed);
    const undone = chunk.state === 'settled' ? removed.length : 0;
    await countTakenBack(client, key.runId, { undone });
    await recordProgress(client, key, {
      counts,
      event: { kind: 'chunk.taken_back', data: { chunk: key.chunk, removed: removed.length, counts } },
      audit: { action: 'devices.take_back', data: { chunk: key.chunk, removed: removed.length, counts } },
    });
    return { releasing: removed.length };
  });
}

async function takeAway(
  client: pg.PoolClient,
  key: ChunkKey,
  chunk: FencedChunk,
  cancelled: boolean,
): Promise<TakenBack> {
  const devices = chunk.device_ids!;
  switch (chunk.state) {
    case 'planned': {
      const planned = { lines: chunk.lines!, device_ids: devices, partner_id: chunk.partner_id, cancelled };
      return { releasing: await removePlannedChunk(client, key, planned) };
    }
    case 'released':
      return cancelled && devices.length > 0
        ? { releasing: 0, restoring: await putBackChunk(client, key, { device_ids: devices }) }
        : { releasing: 0 };
    case 'restoring':
      return { releasing: 0, restoring: devices.length };
    default:
      return { releasing: 0 };
  }
}

/** The chunk, held. The run is read after it was waited for: a cancel that came meanwhile counts. */
async function fence(client: pg.PoolClient, { runId, chunk }: ChunkKey): Promise<FencedChunk> {
  await client.query({
    name: 'hold_chunk',
    text: 'select 1 from registry.run_chunk where run_id = $1 and number = $2 for update',
    values: [runId, chunk],
  });
  const { rows } = await client.query<FencedChunk>({
    name: 'fence_take_back',
    text: `select r.kind, r.partner_id, r.commanded, c.state, c.takes_away, c.lines, c.device_ids, c.consent_id
           from registry.run_chunk c join registry.run r on r.id = c.run_id where c.run_id = $1 and c.number = $2`,
    values: [runId, chunk],
  });
  if (rows[0] === undefined) throw new Error(`run ${runId} has no chunk ${chunk}`);
  return rows[0];
}

/** How many of these devices are registered by this run to this day. */
async function stillOurs(client: pg.PoolClient, key: ChunkKey, devices: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ ours: number }>({
    name: 'still_ours',
    text: `select count(*)::integer as ours from registry.device
           where tenant_id = $1 and id = any ($2::uuid[]) and source_run_id = $3`,
    values: [key.tenantId, devices, key.runId],
  });
  return rows[0]!.ours;
}

/** Removes the devices that are this run's and that no other run is working on. @returns their ids */
async function removeOurs(client: pg.PoolClient, key: ChunkKey, devices: readonly string[]): Promise<string[]> {
  const run = { runId: key.runId, tenantId: key.tenantId, kind: 'deregistration' as const };
  const busy = new Set((await reserveDevices(askOf(client), run, devices)).map((held) => held.deviceId));
  const removed = await removeRegistrations(
    client,
    key.tenantId,
    devices.filter((id) => !busy.has(id)),
  );
  await freeDevices(askOf(client), run, devices);
  return removed.map((registration) => registration.deviceId);
}

/** The verdicts stand; beside them it is said that what they registered is gone again. */
async function markTakenBack(client: pg.PoolClient, key: ChunkKey, removed: readonly string[]): Promise<void> {
  await client.query({
    name: 'mark_taken_back',
    text: `update registry.run_item i set taken_back_at = clock_timestamp()
           from registry.run_chunk c cross join lateral unnest(c.lines, c.device_ids) as w (line, device)
           where c.run_id = $1 and c.number = $2 and i.run_id = $1 and i.line = w.line and w.device = any ($3::uuid[])`,
    values: [key.runId, key.chunk, removed],
  });
}

async function closeChunk(client: pg.PoolClient, key: ChunkKey, removed: readonly string[]): Promise<void> {
  await client.query({
    name: 'chunk_taken_back',
    text: 'update registry.run_chunk set state = $3, device_ids = $4 where run_id = $1 and number = $2',
    values: [key.runId, key.chunk, removed.length === 0 ? 'released' : 'taken_back', removed],
  });
  await writeRemovalSteps(client, key, removed.length);
}
