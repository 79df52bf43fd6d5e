import type {
  DeregistrationGuards,
  DeregistrationPath,
  DeregistrationReason,
  DeregistrationStep,
  GuardedInventory,
  HoldKind,
  PlanBlock,
  PlannedDevice,
  PlannedFacts,
} from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** Devices named one by one, or all that a filter finds. */
export interface DeviceSelection {
  deviceIds: readonly string[];
  serialNumbers: readonly string[];
  filter: Partial<Record<'groupTag' | 'purchaseOrder' | 'manufacturer' | 'model', string | undefined>> | null;
}

export interface SelectedDevices {
  deviceIds: string[];
  /** What was named and is not there. */
  unknown: string[];
  /** Serial numbers that several devices show, each with the devices it could mean. */
  ambiguous: {
    serialNumber: string;
    candidates: { deviceId: string; manufacturer: string | null; model: string | null }[];
  }[];
}

/** Which devices are meant, by exact id. What is ambiguous is not guessed. @param most one more than may be planned is enough */
export async function selectDevices(
  unit: Unit,
  tenantId: string,
  selection: DeviceSelection,
  most: number,
): Promise<SelectedDevices> {
  const { deviceIds, serialNumbers, filter } = selection;
  const found = await unit.query<{
    id: string;
    serial_number: string | null;
    manufacturer: string | null;
    model: string | null;
  }>(
    `select id, serial_number, manufacturer, model from registry.device
     where tenant_id = $1 and (id = any ($2::uuid[]) or serial_number = any ($3::text[]) or ($4::jsonb is not null
       and ($4 ->> 'groupTag' is null or group_tag = $4 ->> 'groupTag')
       and ($4 ->> 'purchaseOrder' is null or purchase_order = $4 ->> 'purchaseOrder')
       and ($4 ->> 'manufacturer' is null or manufacturer = $4 ->> 'manufacturer')
       and ($4 ->> 'model' is null or model = $4 ->> 'model')))
     order by id limit $5`,
    [tenantId, deviceIds, serialNumbers, filter === null ? null : JSON.stringify(filter), most],
  );
  const ids = new Set(found.map(({ id }) => id));
  const named = new Set(deviceIds);
  const bySerial = new Map<string, typeof found>();
  for (const device of found) {
    if (device.serial_number === null) continue;
    bySerial.set(device.serial_number, [...(bySerial.get(device.serial_number) ?? []), device]);
  }
  // A serial number that two devices show means neither, unless the device itself is named.
  const ambiguous = serialNumbers
    .map((serialNumber) => ({ serialNumber, devices: bySerial.get(serialNumber) ?? [] }))
    .filter(({ devices }) => devices.length > 1 && !devices.some(({ id }) => named.has(id)));
  return {
    deviceIds: [...ids],
    unknown: [
      ...deviceIds.filter((id) => !ids.has(id)),
      ...serialNumbers.filter((serialNumber) => !bySerial.has(serialNumber)),
    ],
    ambiguous: ambiguous.map(({ serialNumber, devices }) => ({
      serialNumber,
      candidates: devices.map(({ id, manufacturer, model }) => ({ deviceId: id, manufacturer, model })),
    })),
  };
}

/** What the registry itself knows of devices that are to be planned; the neighbours know the rest. */
export type RegistryFacts = Pick<
  PlannedFacts,
  'deviceId' | 'serialNumber' | 'version' | 'registeredUser' | 'directoryObjectId' | 'hold' | 'busyWith'
>;

export async function registryFactsOf(
  unit: Unit,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<Map<string, RegistryFacts>> {
  const rows = await unit.query<{
    id: string;
    serial_number: string | null;
    version: number;
    object_id: string | null;
    assigned_user: string | null;
    hold: HoldKind | null;
    run_id: string | null;
    kind: string | null;
  }>(
    `select d.id, d.serial_number, d.version, o.object_id, g.assigned_user, h.kind as hold, r.run_id, r.kind
     from registry.device d
     left join registry.device_directory_object o on o.tenant_id = d.tenant_id and o.device_id = d.id
     left join registry.device_designation g on g.tenant_id = d.tenant_id and g.device_id = d.id
     left join registry.device_hold h on h.tenant_id = d.tenant_id and h.device_id = d.id
     left join registry.device_reservation r on r.tenant_id = d.tenant_id and r.device_id = d.id
     where d.tenant_id = $1 and d.id = any ($2::uuid[])`,
    [tenantId, deviceIds],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        deviceId: row.id,
        serialNumber: row.serial_number,
        version: row.version,
        directoryObjectId: row.object_id,
        registeredUser: row.assigned_user,
        hold: row.hold,
        busyWith: row.run_id === null ? null : { runId: row.run_id, kind: row.kind! },
      },
    ]),
  );
}

/** A plan as it was frozen. */
export interface DeregistrationPlan {
  id: string;
  tenant_id: string;
  partner_id: string | null;
  path: DeregistrationPath;
  reason: DeregistrationReason;
  note: string | null;
  by_filter: boolean;
  author: string;
  devices: number;
  blocked: number;
  recovery_keys: number;
  assigned_users: number;
  steps: Partial<Record<DeregistrationStep, number>>;
  estimate_seconds: number;
  approved_by: string | null;
  approved_at: string | null;
  run_id: string | null;
  created_at: string;
  expires_at: string;
  expired: boolean;
}

const planColumns = `id, tenant_id, partner_id, path, reason, note, by_filter, author, devices, blocked, recovery_keys, assigned_users,
  steps, estimate_seconds, approved_by, approved_at, run_id, created_at, expires_at, expires_at < now() as expired`;

/** Freezes a plan. */
export async function addPlan(
  unit: Unit,
  plan: {
    id: string;
    tenantId: string;
    partnerId: string | null;
    path: DeregistrationPath;
    reason: DeregistrationReason;
    note: string | null;
    byFilter: boolean;
    author: string;
    estimateSeconds: number;
    minutes: number;
  },
  devices: readonly PlannedDevice[],
): Promise<DeregistrationPlan> {
  const steps: Partial<Record<DeregistrationStep, number>> = {};
  for (const device of devices) for (const step of device.steps) steps[step] = (steps[step] ?? 0) + 1;
  const [added] = await unit.query<DeregistrationPlan>(
    `insert into registry.deregistration_plan (id, tenant_id, partner_id, path, reason, note, by_filter, author, devices, blocked,
       recovery_keys, assigned_users, steps, estimate_seconds, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, now() + $15 * interval '1 minute')
     returning ${planColumns}`,
    [
      plan.id,
      plan.tenantId,
      plan.partnerId,
      plan.path,
      plan.reason,
      plan.note,
      plan.byFilter,
      plan.author,
      devices.length,
      devices.filter(({ blocks }) => blocks.length > 0).length,
      devices.filter(({ losses }) => losses.recoveryKeys > 0).length,
      devices.filter(({ losses }) => losses.userName !== null).length,
      JSON.stringify(steps),
      plan.estimateSeconds,
      plan.minutes,
    ],
  );
  await unit.change(
    `insert into registry.deregistration_plan_device (plan_id, position, tenant_id, device_id, facts, steps, blocks)
     select $1, w.position, $2, (w.facts ->> 'deviceId')::uuid, w.facts,
       array(select jsonb_array_elements_text(w.steps)), array(select jsonb_array_elements_text(w.blocks))
     from unnest($3::integer[], $4::jsonb[], $5::jsonb[], $6::jsonb[]) as w (position, facts, steps, blocks)`,
    [
      plan.id,
      plan.tenantId,
      devices.map((_, index) => index + 1),
      devices.map(({ facts }) => JSON.stringify(facts)),
      devices.map((device) => JSON.stringify(device.steps)),
      devices.map(({ blocks }) => JSON.stringify(blocks)),
    ],
  );
  return added!;
}

/** A plan of the caller's, held still where it is to be executed or approved. */
export async function findPlan(
  unit: Unit,
  tenantId: string,
  id: string,
  hold = false,
): Promise<DeregistrationPlan | null> {
  const [plan] = await unit.query<DeregistrationPlan>(
    `select ${planColumns} from registry.deregistration_plan where tenant_id = $1 and id = $2${hold ? ' for update' : ''}`,
    [tenantId, id],
  );
  return plan ?? null;
}

/** One line of a plan. */
export interface PlanLine {
  position: number;
  facts: PlannedFacts;
  steps: DeregistrationStep[];
  blocks: PlanBlock[];
}

export async function listPlanLines(unit: Unit, planId: string, page: Keyset<number>): Promise<Slice<PlanLine>> {
  return sliceOf(
    await unit.query<PlanLine>(
      `select position, facts, steps, blocks from registry.deregistration_plan_device
       where plan_id = $1 and position > $2 order by position limit $3`,
      [planId, page.after ?? 0, page.limit + 1],
    ),
    page.limit,
  );
}

export async function allPlanLines(unit: Unit, planId: string): Promise<PlanLine[]> {
  return await unit.query<PlanLine>(
    'select position, facts, steps, blocks from registry.deregistration_plan_device where plan_id = $1 order by position',
    [planId],
  );
}

export async function approvePlan(
  unit: Unit,
  tenantId: string,
  id: string,
  principal: string,
): Promise<DeregistrationPlan> {
  const [plan] = await unit.query<DeregistrationPlan>(
    `update registry.deregistration_plan set approved_by = $3, approved_at = now() where tenant_id = $1 and id = $2 returning ${planColumns}`,
    [tenantId, id, principal],
  );
  return plan!;
}

/** What the guards compare with. */
export async function inventoryOf(unit: Unit, tenantId: string): Promise<GuardedInventory> {
  const [row] = await unit.query<{ registered: number; last_day: number }>(
    `select (select count(*)::integer from registry.device where tenant_id = $1) as registered,
       (select coalesce(sum(received), 0)::integer from registry.run
        where tenant_id = $1 and kind = 'deregistration' and created_at > now() - interval '1 day' and state <> 'cancelled') as last_day`,
    [tenantId],
  );
  return { registeredNow: row!.registered, lastDay: row!.last_day };
}

/** The tenant's guards as far as it set them, with the version that a change names. */
export async function guardSettingsOf(
  unit: Unit,
  tenantId: string,
): Promise<{ settings: Partial<DeregistrationGuards>; version: number }> {
  const [row] = await unit.query<{ settings: Partial<DeregistrationGuards>; version: number }>(
    'select settings, version from registry.deregistration_guards where tenant_id = $1',
    [tenantId],
  );
  return row ?? { settings: {}, version: 0 };
}

/** Sets guards, if nobody was faster. @returns false where the settings are not the version that the caller saw */
export async function setGuards(
  unit: Unit,
  change: { tenantId: string; settings: Partial<DeregistrationGuards>; version: number; principal: string },
): Promise<boolean> {
  const changed = await unit.change(
    `insert into registry.deregistration_guards (tenant_id, settings, updated_by) values ($1, $2::jsonb, $4)
     on conflict (tenant_id) do update set settings = excluded.settings, updated_by = excluded.updated_by, updated_at = now(),
       version = registry.deregistration_guards.version + 1
     where registry.deregistration_guards.version = $3`,
    [change.tenantId, JSON.stringify(change.settings), change.version, change.principal],
  );
  return changed === 1;
}

/** A device that must not be taken out. */
export interface DeviceHold {
  device_id: string;
  kind: HoldKind;
  reason: string;
  placed_by: string;
  placed_at: string;
}

/** Holds a device back. @returns null where there is no such device, or it is held already */
export async function placeHold(
  unit: Unit,
  hold: { tenantId: string; deviceId: string; kind: HoldKind; reason: string; principal: string },
): Promise<DeviceHold | null> {
  const [placed] = await unit.query<DeviceHold>(
    `insert into registry.device_hold (tenant_id, device_id, kind, reason, placed_by)
     select d.tenant_id, d.id, $3, $4, $5 from registry.device d where d.tenant_id = $1 and d.id = $2
     on conflict do nothing returning device_id, kind, reason, placed_by, placed_at`,
    [hold.tenantId, hold.deviceId, hold.kind, hold.reason, hold.principal],
  );
  return placed ?? null;
}

/** Lets it go. @returns the hold that there was */
export async function liftHold(unit: Unit, tenantId: string, deviceId: string): Promise<DeviceHold | null> {
  const [lifted] = await unit.query<DeviceHold>(
    `delete from registry.device_hold where tenant_id = $1 and device_id = $2
     returning device_id, kind, reason, placed_by, placed_at`,
    [tenantId, deviceId],
  );
  return lifted ?? null;
}
