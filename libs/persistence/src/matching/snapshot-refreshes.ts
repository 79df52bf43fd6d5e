/**
 * What a device last looked like follows the device, within the limits of the plan, and every step can be taken back.
 *
 * First-boot discovery refreshes: there a device stands before us now. A registration never does. An import may be years old,
 * and a device must not be made to look again as it looked before its repair.
 *
 * Source: matching.md C.4.
 */
import {
  applyRefresh,
  CHANGE_WINDOW_SECONDS,
  EVIDENCE_KINDS,
  evidenceKeys,
  MOST_CHANGES,
  revertRefresh,
  type Digests,
  type Group,
  type RefreshEvent,
  type RefreshHistory,
  type RefreshPlan,
  type Snapshot,
} from '@groundcrew/matching';
import type pg from 'pg';
import { uuidV7 } from '../identifiers/uuid-v7.js';
import type { Sealer } from '../sealing.js';
import { sealSnapshot, snapshotContext } from './candidate-index.js';

export interface RefreshTools {
  sealer: Sealer;
  digests: Digests;
}

export type RefreshOutcome =
  | { kind: 'refreshed'; refreshIds: string[] }
  | { kind: 'nothing_to_refresh' }
  /** Another report came first and the plan is about a snapshot that is gone: decide again. */
  | { kind: 'overtaken' }
  /** Together with what others did meanwhile it would be too much for one month: a person must look. */
  | { kind: 'too_many_changes' }
  | { kind: 'no_snapshot' };

export type TakeBackOutcome =
  | { kind: 'taken_back' }
  | { kind: 'taken_back_before' }
  /** A later refresh changed the same group: that one must be taken back first. */
  | { kind: 'overtaken' }
  | { kind: 'unknown' };

/** Refreshes of the last month that still stand: what the rate limit counts. @param at unix seconds */
export async function loadRecentRefreshes(
  client: pg.PoolClient,
  sealer: Sealer,
  deviceId: string,
  at: number,
): Promise<RefreshHistory['refreshes']> {
  const { rows } = await client.query<{ id: string; sealed_event: Buffer }>({
    name: 'recent_refreshes',
    text: `select id, sealed_event from registry.snapshot_refresh
           where device_id = $1 and reverted_at is null and at > to_timestamp($2) order by at`,
    values: [deviceId, at - CHANGE_WINDOW_SECONDS],
  });
  return rows.map((row) => {
    const { group, at: happenedAt } = openEvent(sealer, row.id, row.sealed_event);
    return { group, at: happenedAt };
  });
}

/**
 * Makes a plan true, in the caller's transaction of the tenant. The device's snapshot is locked first: of two reports at the same
 * time the second finds what the first has changed.
 */
export async function applyRefreshPlan(
  client: pg.PoolClient,
  tools: RefreshTools,
  tenantId: string,
  { events }: RefreshPlan,
): Promise<RefreshOutcome> {
  const [first] = events;
  if (first === undefined) return { kind: 'nothing_to_refresh' };
  const { deviceId, at } = first;
  const held = await lockSnapshot(client, tools.sealer, deviceId);
  if (held === null) return { kind: 'no_snapshot' };
  if (!events.every((event) => stillSays(held.confirmed, event.before))) return { kind: 'overtaken' };
  const recent = await loadRecentRefreshes(client, tools.sealer, deviceId, at);
  if (recent.length + events.length > MOST_CHANGES) return { kind: 'too_many_changes' };

  const refreshIds = await insertEvents(client, tools.sealer, tenantId, events);
  await writeConfirmed(client, tools, deviceId, held.enrolled, applyRefresh(held.confirmed, events));
  await audit(client, tenantId, 'device.snapshot_refresh', deviceId, {
    refreshes: refreshIds,
    groups: events.map(({ group }) => group),
    rule: first.rule,
  });
  return { kind: 'refreshed', refreshIds };
}

/** Takes one refresh back, in the caller's transaction of the tenant: snapshot and keys are what they were before it. */
export async function takeBackRefresh(
  client: pg.PoolClient,
  tools: RefreshTools,
  tenantId: string,
  refreshId: string,
): Promise<TakeBackOutcome> {
  const deviceId = await deviceOfRefresh(client, refreshId);
  if (deviceId === null) return { kind: 'unknown' };
  const held = await lockSnapshot(client, tools.sealer, deviceId);
  if (held === null) return { kind: 'unknown' };
  // Read under the snapshot's lock: whoever took it back at the same time is done by now.
  const event = await loadStandingEvent(client, tools.sealer, refreshId);
  if (event === null) return { kind: 'taken_back_before' };
  const restored = revertRefresh(held.confirmed, event);
  if (restored === null) return { kind: 'overtaken' };

  await client.query('update registry.snapshot_refresh set reverted_at = clock_timestamp() where id = $1', [refreshId]);
  await writeConfirmed(client, tools, deviceId, held.enrolled, restored);
  await audit(client, tenantId, 'device.snapshot_refresh_taken_back', deviceId, {
    refresh: refreshId,
    groups: [event.group],
  });
  return { kind: 'taken_back' };
}

interface HeldSnapshot {
  enrolled: Snapshot;
  confirmed: Snapshot;
}

async function lockSnapshot(client: pg.PoolClient, sealer: Sealer, deviceId: string): Promise<HeldSnapshot | null> {
  const { rows } = await client.query<{ enrolled: Buffer; confirmed: Buffer | null }>({
    name: 'lock_snapshot',
    text: 'select enrolled, confirmed from registry.device_snapshot where device_id = $1 for update',
    values: [deviceId],
  });
  const [row] = rows;
  if (row === undefined) return null;
  const open = (sealed: Buffer): Snapshot =>
    JSON.parse(sealer.open(sealed, snapshotContext(deviceId)).toString('utf8')) as Snapshot;
  const enrolled = open(row.enrolled);
  return { enrolled, confirmed: row.confirmed === null ? enrolled : open(row.confirmed) };
}

function stillSays(confirmed: Snapshot, before: RefreshEvent['before']): boolean {
  const present = Object.keys(before).map((field) => [field, confirmed[field as keyof Snapshot]]);
  return JSON.stringify(Object.fromEntries(present)) === JSON.stringify(before);
}

async function insertEvents(
  client: pg.PoolClient,
  sealer: Sealer,
  tenantId: string,
  events: readonly RefreshEvent[],
): Promise<string[]> {
  const ids = events.map(({ at }) => uuidV7(at * 1000));
  await client.query({
    name: 'insert_refreshes',
    text: `insert into registry.snapshot_refresh (id, tenant_id, device_id, sealed_event, at)
           select w.id, $1, $2, w.event, to_timestamp($3) from unnest($4::uuid[], $5::bytea[]) as w (id, event)`,
    values: [
      tenantId,
      events[0]!.deviceId,
      events[0]!.at,
      ids,
      events.map((event, index) => sealer.seal(Buffer.from(JSON.stringify(event), 'utf8'), eventContext(ids[index]!))),
    ],
  });
  return ids;
}

/** A snapshot that is again what was enrolled is not kept a second time. */
async function writeConfirmed(
  client: pg.PoolClient,
  { sealer, digests }: RefreshTools,
  deviceId: string,
  enrolled: Snapshot,
  confirmed: Snapshot,
): Promise<void> {
  const isEnrolled = JSON.stringify(confirmed) === JSON.stringify(enrolled);
  await client.query({
    name: 'write_confirmed',
    text: 'update registry.device_snapshot set confirmed = $2 where device_id = $1',
    values: [deviceId, isEnrolled ? null : sealSnapshot(sealer, deviceId, confirmed)],
  });
  const keys = evidenceKeys(confirmed, digests);
  await client.query({
    name: 'replace_keys',
    text: 'select registry.replace_candidate_keys($1, $2::bigint[], $3::smallint[])',
    values: [deviceId, keys.map(({ key }) => key.toString()), keys.map(({ kind }) => EVIDENCE_KINDS[kind])],
  });
}

async function deviceOfRefresh(client: pg.PoolClient, refreshId: string): Promise<string | null> {
  const { rows } = await client.query<{ device_id: string }>(
    'select device_id from registry.snapshot_refresh where id = $1',
    [refreshId],
  );
  return rows[0]?.device_id ?? null;
}

async function loadStandingEvent(
  client: pg.PoolClient,
  sealer: Sealer,
  refreshId: string,
): Promise<RefreshEvent | null> {
  const { rows } = await client.query<{ sealed_event: Buffer }>(
    'select sealed_event from registry.snapshot_refresh where id = $1 and reverted_at is null',
    [refreshId],
  );
  return rows[0] === undefined ? null : openEvent(sealer, refreshId, rows[0].sealed_event);
}

function openEvent(sealer: Sealer, refreshId: string, sealed: Buffer): RefreshEvent {
  return JSON.parse(sealer.open(sealed, eventContext(refreshId)).toString('utf8')) as RefreshEvent;
}

function eventContext(refreshId: string): string {
  return `snapshot-refresh/${refreshId}`;
}

/** Groups and ids only: the chain is kept for ever, and values are nobody's business there. The last statement before commit. */
async function audit(
  client: pg.PoolClient,
  tenantId: string,
  action: string,
  deviceId: string,
  data: { groups: Group[]; [member: string]: unknown },
): Promise<void> {
  await client.query({
    name: 'audit_refresh',
    text: 'select registry.append_audit($1, $2, $3, $4, $5::jsonb, null)',
    values: [tenantId, 'service:worker', action, `device/${deviceId}`, JSON.stringify(data)],
  });
}
