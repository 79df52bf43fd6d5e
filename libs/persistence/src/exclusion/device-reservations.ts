import type { AskSql } from '../matching/candidate-index.js';

/** What a device can be in the middle of. Each excludes the others. */
export type ReservationKind = 'registration' | 'deregistration' | 'restore' | 'repair';

/** A run that works on devices of one tenant, the tenant of the transaction's scope. */
export interface ReservingRun {
  runId: string;
  tenantId: string;
  kind: ReservationKind;
}

/** A device that is in the middle of another run. */
export interface HeldDevice {
  deviceId: string;
  runId: string;
  kind: ReservationKind;
  since: Date;
}

/**
 * Reserves devices for a run, in the caller's transaction. What the run holds already it keeps holding. Rows are inserted in the
 * order of their ids, so that two runs that want the same devices wait for each other, but never in a circle.
 *
 * @returns the devices that another run holds: those are not reserved. Whether the others are kept is the caller's decision:
 *   its transaction ends with all of them or none.
 */
export async function reserveDevices(
  ask: AskSql,
  run: ReservingRun,
  deviceIds: readonly string[],
): Promise<HeldDevice[]> {
  if (deviceIds.length === 0) return [];
  const reserved = await ask<{ device_id: string }>(
    `insert into registry.device_reservation (tenant_id, device_id, run_id, kind)
     select $1, w.id, $2, $3 from (select distinct unnest($4::uuid[]) as id) as w order by w.id
     on conflict (tenant_id, device_id) do nothing returning device_id`,
    [run.tenantId, run.runId, run.kind, deviceIds],
  );
  if (reserved.length === deviceIds.length) return [];
  // A statement of its own: whoever was waited for has committed, and is seen only from here on.
  return await heldByOthers(ask, run.tenantId, deviceIds, run.runId);
}

/** Which of these devices are in the middle of a run, other than the caller's own where it names one. */
export async function heldByOthers(
  ask: AskSql,
  tenantId: string,
  deviceIds: readonly string[],
  runId: string | null = null,
): Promise<HeldDevice[]> {
  const held = await ask<{ device_id: string; run_id: string; kind: ReservationKind; since: Date }>(
    `select device_id, run_id, kind, since from registry.device_reservation
     where tenant_id = $1 and device_id = any ($2::uuid[]) and run_id is distinct from $3::uuid order by device_id`,
    [tenantId, deviceIds, runId],
  );
  return held.map((row) => ({ deviceId: row.device_id, runId: row.run_id, kind: row.kind, since: row.since }));
}

/** Gives devices free that the run holds: these, or all of them. The worker's alone: only who did the work knows that it is over. */
export async function freeDevices(
  ask: AskSql,
  run: Pick<ReservingRun, 'runId' | 'tenantId'>,
  deviceIds: readonly string[] | null = null,
): Promise<void> {
  await ask(
    `delete from registry.device_reservation
     where run_id = $1 and tenant_id = $2 and ($3::uuid[] is null or device_id = any ($3::uuid[]))`,
    [run.runId, run.tenantId, deviceIds],
  );
}
