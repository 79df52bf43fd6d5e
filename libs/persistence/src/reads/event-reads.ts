import { isClosed, type RunState } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

export interface EventRecord {
  run_id: string;
  seq: number;
  kind: string;
  data: Record<string, unknown>;
  at: string;
}

/** The next events of a run, and whether there will be none after them. Null where the run is not the caller's to see. */
export async function nextRunEvents(
  unit: Unit,
  runId: string,
  after: number,
  limit: number,
): Promise<{ events: EventRecord[]; over: boolean } | null> {
  // The run is read first: what is appended between the two statements is seen, or it is seen the next time.
  const [run] = await unit.query<{ state: RunState; event_count: number }>(
    'select state, event_count from registry.run where id = $1',
    [runId],
  );
  if (run === undefined) return null;
  const events = await unit.query<EventRecord>(
    `select run_id, seq, kind, data, at from registry.run_event where run_id = $1 and seq > $2 order by seq limit $3`,
    [runId, after, limit],
  );
  const last = events.at(-1)?.seq ?? after;
  return { events, over: isClosed(run.state) && last >= run.event_count };
}

/** A place in a tenant's stream: the transaction that wrote an event, and the event's position. */
export interface StreamPlace {
  transaction: string;
  position: string;
}

export type TenantEventRecord = EventRecord & StreamPlace;

/**
 * The next events of a tenant. Only transactions below the oldest one still running are read: an event that commits late has
 * a place that nobody has passed yet, so none is ever skipped.
 */
export async function nextTenantEvents(
  unit: Unit,
  tenantId: string,
  after: StreamPlace,
  limit: number,
): Promise<TenantEventRecord[]> {
  return await unit.query<TenantEventRecord>(
    `select run_id, seq, kind, data, at, transaction::text as transaction, position::text as position
     from registry.run_event
     where tenant_id = $1 and (transaction, position) > ($2::xid8, $3::bigint)
       and transaction < pg_snapshot_xmin(pg_current_snapshot())
     order by transaction, position limit $4`,
    [tenantId, after.transaction, after.position, limit],
  );
}

/** Where a stream that begins now begins: everything still running is ahead of it. */
export async function presentPlace(unit: Unit): Promise<StreamPlace> {
  const [now] = await unit.query<{ transaction: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as transaction',
  );
  return { transaction: now!.transaction, position: '-1' };
}
