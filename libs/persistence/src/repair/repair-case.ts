import {
  isClosed,
  isRepairOver,
  problemOfHash,
  repairLifecycle,
  stepEndsBy,
  whatIsDue,
  type RepairEvent,
  type RepairPatience,
  type RepairProblem,
  type RepairState,
  type RunState,
  type Verdict,
} from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { writeDesignations } from '../designation/designations.js';
import { freeDevices, reserveDevices } from '../exclusion/device-reservations.js';
import { recordProgress } from '../registration/progress.js';
import { lockRun, moveRun, parkRun, type RunKey } from '../registration/run-store.js';
import { lockRepair, type LockedRepair } from './locked-repair.js';
import { awaitedStep, showStep, showWhereItStands } from './repair-steps.js';

/** The new registration's user, where the old one had one. */
export interface RepairedUser {
  registrationId: string;
  userId: string;
  principalName: string;
}

/** Takes the run of a repair up; its deregistration was accepted together with it. */
export async function openRepair(pool: pg.Pool, key: RunKey): Promise<void> {
  await inTenant(pool, key.tenantId, async (client) => {
    const repair = await lockRepair(client, key);
    const run = await lockRun(client, key);
    if (run.state === 'accepted') await moveRun(client, key, run, 'start', 'run.started', {});
    if (repair.state === 'opened') await move(client, key, repair, 'deregister', {});
  });
}

/**
 * Moves the case as far as the world has moved, and no further.
 *
 * @returns when something falls due by itself, in milliseconds; null while another run works; `held` where another run took the
 *   device first: it is looked at again when that run is over
 */
export async function advanceRepair(
  pool: pg.Pool,
  key: RunKey,
  patience: RepairPatience,
): Promise<{ over: boolean; dueInMs: number | null } | 'held'> {
  return inTenant(pool, key.tenantId, async (client) => {
    let repair = await lockRepair(client, key);
    if (isRepairOver(repair.state)) return { over: true, dueInMs: null };
    await showWhereItStands(client, key, repair);
    if (repair.state === 'deregistering') {
      if (!(await isOver(client, repair.deregistration_run_id))) return { over: false, dueInMs: null };
      if ((await takeDevice(client, key, repair)) === 'held') return 'held';
      const stayed = await isRegistered(client, key, repair);
      repair = await move(client, key, repair, stayed ? 'stayed' : 'deregistered', {});
    } else if (repair.state === 'registering') {
      if (!(await isOver(client, repair.registration_run_id!))) return { over: false, dueInMs: null };
      repair = await settleRegistration(client, key, repair);
    } else if (repair.state === 'restoring') {
      if (!(await isOver(client, repair.restore_run_id!))) return { over: false, dueInMs: null };
      if ((await takeDevice(client, key, repair)) === 'held') return 'held';
      repair = await settleRestore(client, key, repair);
    }
    if (isRepairOver(repair.state)) return { over: true, dueInMs: null };

    const next = whatIsDue(patience, repair.waited_ms ?? 0, repair.reminders);
    if (next.due === 'nothing') {
      await showWhereItStands(client, key, repair, next.inMs);
      return { over: false, dueInMs: next.inMs };
    }
    if (next.due === 'expiry') {
      await move(client, key, repair, 'expire', {});
      return { over: true, dueInMs: null };
    }
    await client.query('update registry.repair_case set reminders = $2, version = version + 1 where id = $1', [
      key.runId,
      next.number,
    ]);
    await record(client, key, 'repair.reminded', { number: next.number, deviceId: repair.device_id });
    return { over: false, dueInMs: 0 };
  });
}

/** To whom the repaired device is to be given back; null where it is nobody's, or did not come back. */
export async function loadRepairedUser(pool: pg.Pool, key: RunKey): Promise<RepairedUser | null> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { state, new_device_id, user_id, user_name } = await lockRepair(client, key);
    if (state !== 'closed' || new_device_id === null || user_id === null) return null;
    const waitingFor = `management, to assign ${user_name ?? user_id} again`;
    await showStep(client, key, 'observed', { step: 'assign_user', waitingFor, nextTryMs: null });
    return { registrationId: new_device_id, userId: user_id, principalName: user_name ?? user_id };
  });
}

/** Closes the run with what became of the case, and gives the device free. A run that is closed already is left alone. */
export async function closeRepair(pool: pg.Pool, key: RunKey): Promise<{ outcome: RepairState }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const repair = await lockRepair(client, key);
    const run = await lockRun(client, key);
    if (isClosed(run.state)) return { outcome: repair.state };
    const { verdict, by, event } = endings[repair.state as keyof typeof endings];
    const deviceId = repair.new_device_id ?? repair.device_id;
    await client.query(
      'insert into registry.run_item (run_id, line, tenant_id, verdict, device_id) values ($1, 1, $2, $3, $4)',
      [key.runId, key.tenantId, verdict, deviceId],
    );
    await freeDevices(askOf(client), key);
    await showStep(client, key, 'observed', null);
    const data = { outcome: repair.state, oldDeviceId: repair.device_id, newDeviceId: repair.new_device_id };
    await recordProgress(client, key, {
      counts: { [verdict]: 1 },
      event: { kind: 'repair.ended', data },
      audit: { action: 'repair.ended', data },
    });
    if (run.state === 'needs_attention') {
      await moveRun(client, key, run, 'resume', 'run.resumed', {});
      run.state = 'running';
    }
    await moveRun(client, key, run, by, event, data);
    return { outcome: repair.state };
  });
}

/** What an end of the case is for its run and for the device's row. */
const endings = {
  closed: { verdict: 'registered', by: 'complete', event: 'run.completed' },
  cancelled: { verdict: 'restored', by: 'cancel', event: 'run.cancelled' },
  expired: { verdict: 'abandoned', by: 'fail', event: 'run.failed' },
} as const;

async function settleRegistration(client: pg.PoolClient, key: RunKey, repair: LockedRepair): Promise<LockedRepair> {
  const { rows } = await client.query<{ verdict: Verdict; device_id: string | null }>(
    `select verdict, coalesce(device_id, (detail ->> 'deviceId')::uuid) as device_id from registry.run_item
     where run_id = $1 and line = 1 and taken_back_at is null`,
    [repair.registration_run_id],
  );
  const { verdict, device_id: newId } = rows[0] ?? { verdict: 'cancelled' as const, device_id: null };
  if (verdict !== 'registered' || newId === null) {
    return await move(client, key, repair, 'refused', { problem: problemOfHash(verdict, newId) });
  }
  await client.query(
    `insert into registry.device_succession (tenant_id, old_device_id, new_device_id, repair_id, why) values ($1, $2, $3, $4, $5)`,
    [key.tenantId, repair.device_id, newId, key.runId, repair.why],
  );
  await handOver(client, key, repair, newId);
  return await move(client, key, repair, 'registered', { newDeviceId: newId });
}

/** Whom the old registration was meant for, and what it was called, is said of the new one. */
async function handOver(client: pg.PoolClient, key: RunKey, repair: LockedRepair, deviceId: string): Promise<void> {
  const { assigned_user: assignedUser, display_name: displayName } = repair;
  if (assignedUser === null && displayName === null) return;
  await client.query('update registry.device set version = version + 1 where tenant_id = $1 and id = $2', [
    key.tenantId,
    deviceId,
  ]);
  await writeDesignations(askOf(client), key.tenantId, [{ deviceId, assignedUser, displayName }]);
}

async function settleRestore(client: pg.PoolClient, key: RunKey, repair: LockedRepair): Promise<LockedRepair> {
  if (await isRegistered(client, key, repair)) return await move(client, key, repair, 'restored', {});
  const { rows } = await client.query<{ message: string | null }>(
    `select detail ->> 'message' as message from registry.run_item where run_id = $1 and device_id = $2`,
    [repair.restore_run_id, repair.device_id],
  );
  const message = rows[0]?.message ?? 'The old registration did not come back.';
  return await move(client, key, repair, 'not_restored', { problem: { code: 'repair.not-restored', message } });
}

/** Keeps everybody else's hands off the device while nobody works on it. */
async function takeDevice(client: pg.PoolClient, key: RunKey, repair: LockedRepair): Promise<'taken' | 'held'> {
  const held = await reserveDevices(askOf(client), { ...key, kind: 'repair' }, [repair.device_id]);
  return held.length === 0 ? 'taken' : 'held';
}

async function isOver(client: pg.PoolClient, runId: string): Promise<boolean> {
  const { rows } = await client.query<{ state: RunState }>('select state from registry.run where id = $1', [runId]);
  return rows[0] !== undefined && isClosed(rows[0].state);
}

async function isRegistered(client: pg.PoolClient, key: RunKey, repair: LockedRepair): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from registry.device where tenant_id = $1 and id = $2', [
    key.tenantId,
    repair.device_id,
  ]);
  return rowCount === 1;
}

async function move(
  client: pg.PoolClient,
  key: RunKey,
  repair: LockedRepair,
  by: RepairEvent,
  { newDeviceId = null, problem = null }: { newDeviceId?: string | null; problem?: RepairProblem | null },
): Promise<LockedRepair> {
  const state = repairLifecycle[repair.state][by];
  if (state === undefined) throw new Error(`a repair that is ${repair.state} cannot ${by}`);
  await client.query(
    `update registry.repair_case
     set state = $2, new_device_id = $3, problem = $4, version = version + 1,
         waiting_since = coalesce(waiting_since, case when $2 = 'at_workshop' then clock_timestamp() end),
         ended_at = case when $5 then clock_timestamp() end
     where id = $1`,
    [key.runId, state, newDeviceId, problem === null ? null : JSON.stringify(problem), isRepairOver(state)],
  );
  const moved = await lockRepair(client, key);
  await showStep(client, key, stepEndsBy[by], awaitedStep(moved, null));
  const run = await lockRun(client, key);
  if (state === 'needs_attention' && run.state === 'running') await parkRun(client, key, run, { ...problem! });
  if (state !== 'needs_attention' && run.state === 'needs_attention') {
    await client.query('update registry.run set problem = null where id = $1', [key.runId]);
    await moveRun(client, key, run, 'resume', 'run.resumed', {});
  }
  await record(client, key, `repair.${by}`, { state, deviceId: repair.device_id, newDeviceId, problem });
  return moved;
}

function record(client: pg.PoolClient, key: RunKey, action: string, data: object): Promise<void> {
  return recordProgress(client, key, { counts: {}, event: { kind: action, data }, audit: { action, data } });
}
