import type { RepairProblem, RepairState } from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** A repair as people read it. */
export interface RepairRecord {
  id: string;
  tenantId: string;
  state: RepairState;
  deviceId: string;
  serialNumber: string | null;
  donorDeviceId: string | null;
  why: string;
  groupTag: string | null;
  purchaseOrder: string | null;
  userName: string | null;
  assignedUser: string | null;
  displayName: string | null;
  deregistrationRunId: string;
  registrationRunId: string | null;
  restoreRunId: string | null;
  newDeviceId: string | null;
  problem: RepairProblem | null;
  reminders: number;
  waitingSince: string | null;
  openedBy: string;
  openedAt: string;
  endedAt: string | null;
}

const columns = `id, tenant_id as "tenantId", state, device_id as "deviceId", serial_number as "serialNumber",
  donor_device_id as "donorDeviceId", why, group_tag as "groupTag", purchase_order as "purchaseOrder", user_name as "userName",
  assigned_user as "assignedUser", display_name as "displayName",
  deregistration_run_id as "deregistrationRunId", registration_run_id as "registrationRunId", restore_run_id as "restoreRunId",
  new_device_id as "newDeviceId", problem, reminders, waiting_since as "waitingSince", opened_by as "openedBy",
  opened_at as "openedAt", ended_at as "endedAt"`;

/** A repair that somebody opens, with the deregistration that begins it. */
export interface OpenedRepair {
  id: string;
  tenantId: string;
  deviceId: string;
  donorDeviceId: string | null;
  why: string;
  userId: string | null;
  userName: string | null;
  deregistrationRunId: string;
  openedBy: string;
  bodyDigest: Buffer;
}

/** Makes it a case and a run, in the caller's transaction. What the new registration takes over is written down from the old one. */
export async function acceptRepair(unit: Unit, repair: OpenedRepair): Promise<RepairRecord> {
  await unit.change(
    `insert into registry.run (id, kind, tenant_id, task_queue, chunk_count, received, event_count, source_format, body_digest, requested_by)
     values ($1, 'repair', $2, 'interactive', 1, 1, 1, 'json', $3, $4)`,
    [repair.id, repair.tenantId, repair.bodyDigest, repair.openedBy],
  );
  await unit.change(
    `insert into registry.repair_case (id, tenant_id, device_id, serial_number, group_tag, purchase_order, donor_device_id, why, user_id,
       user_name, assigned_user, display_name, deregistration_run_id, opened_by)
     select $1, d.tenant_id, d.id, d.serial_number, d.group_tag, d.purchase_order, $4, $5, $6, $7, g.assigned_user, g.display_name, $8, $9
     from registry.device d
     left join registry.device_designation g on g.tenant_id = d.tenant_id and g.device_id = d.id
     where d.tenant_id = $2 and d.id = $3`,
    [
      repair.id,
      repair.tenantId,
      repair.deviceId,
      repair.donorDeviceId,
      repair.why,
      repair.userId,
      repair.userName,
      repair.deregistrationRunId,
      repair.openedBy,
    ],
  );
  await unit.change(
    `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3::jsonb)`,
    [
      repair.id,
      repair.tenantId,
      JSON.stringify({ deviceId: repair.deviceId, deregistrationId: repair.deregistrationRunId }),
    ],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [repair.id]);
  await unit.query(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [repair.id]);
  return (await findRepair(unit, repair.tenantId, repair.id))!;
}

/** One case. @param hold until the transaction ends, because something is decided about it */
export async function findRepair(unit: Unit, tenantId: string, id: string, hold = false): Promise<RepairRecord | null> {
  const [found] = await unit.query<RepairRecord>(
    `select ${columns} from registry.repair_case where tenant_id = $1 and id = $2 ${hold ? 'for update' : ''}`,
    [tenantId, id],
  );
  return found ?? null;
}

/** The tenant's repairs, the oldest first. */
export async function listRepairs(
  unit: Unit,
  tenantId: string,
  filter: { state: RepairState | null; deviceId: string | null },
  page: Keyset<string>,
): Promise<Slice<RepairRecord>> {
  const found = await unit.query<RepairRecord>(
    `select ${columns} from registry.repair_case
     where tenant_id = $1 and ($2::uuid is null or id > $2::uuid) and ($3::text is null or state = $3)
       and ($4::uuid is null or device_id = $4 or new_device_id = $4)
     order by id limit $5`,
    [tenantId, page.after, filter.state, filter.deviceId, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/** The new hash is a run by now. The case is held. */
export async function repairRegisters(unit: Unit, repair: RepairRecord, runId: string): Promise<RepairRecord> {
  return await change(unit, repair, 'registering', 'registration_run_id', runId);
}

/** The old registration is being restored. The case is held. */
export async function repairRestores(unit: Unit, repair: RepairRecord, runId: string): Promise<RepairRecord> {
  return await change(unit, repair, 'restoring', 'restore_run_id', runId);
}

async function change(
  unit: Unit,
  repair: RepairRecord,
  state: RepairState,
  column: 'registration_run_id' | 'restore_run_id',
  runId: string,
): Promise<RepairRecord> {
  await unit.change(
    `update registry.repair_case set state = $3, ${column} = $4, problem = null, version = version + 1 where tenant_id = $1 and id = $2`,
    [repair.tenantId, repair.id, state, runId],
  );
  return (await findRepair(unit, repair.tenantId, repair.id))!;
}

/** Hands the device over: the restore that follows in the same transaction reserves it. */
export async function letGoOfDevice(unit: Unit, repair: RepairRecord): Promise<void> {
  await unit.change(
    `delete from registry.device_reservation where tenant_id = $1 and device_id = $2 and run_id = $3 and kind = 'repair'`,
    [repair.tenantId, repair.deviceId, repair.id],
  );
}

/** Whether this device is registered with the tenant now. */
export async function isRegisteredHere(unit: Unit, tenantId: string, deviceId: string): Promise<boolean> {
  const found = await unit.query('select 1 from registry.device where tenant_id = $1 and id = $2', [
    tenantId,
    deviceId,
  ]);
  return found.length > 0;
}
