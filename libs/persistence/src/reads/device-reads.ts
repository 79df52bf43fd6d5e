import type { Designation, Remediation, TenantKind } from '@groundcrew/domain';
import type { Device } from '../rows/device.row.js';
import { prepared } from '../scope/prepared.js';
import type { Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from './keyset.js';

/** A device with what was observed of it in the directory. */
export interface ObservedDevice {
  device: Omit<Device, 'registrarId' | 'hashLevel' | 'registeredAt'> & { registeredAt: string };
  tenantKind: TenantKind;
  directoryObject: { objectId: string; observedAt: string } | null;
  /** Null where no assignment run looked at it yet. */
  assignment: DeviceAssignment | null;
  designation: Designation;
  firstSeenAt: string | null;
}

/** Which profile a device has. */
export interface DeviceAssignment {
  deviceId: string;
  state: 'unassigned' | 'assigning' | 'assigned' | 'failed';
  profileId: string | null;
  profileVersion: number | null;
  assignedAt: string | null;
  detail: string | null;
  remediation: Remediation | null;
  /** Changes with every change of the row. */
  change: string;
}

export interface DeviceFilter {
  serialNumber?: string;
  groupTag?: string;
  purchaseOrder?: string;
  manufacturer?: string;
  model?: string;
}

const columnOf: Record<keyof DeviceFilter, string> = {
  serialNumber: 'serial_number',
  groupTag: 'group_tag',
  purchaseOrder: 'purchase_order',
  manufacturer: 'manufacturer',
  model: 'model',
};

export async function listDevices(
  unit: Unit,
  tenantId: string,
  filter: DeviceFilter,
  page: Keyset<string>,
): Promise<Slice<ObservedDevice>> {
  const values: unknown[] = [tenantId];
  const bound = (value: unknown): string => `$${values.push(value)}`;
  const conditions = (Object.keys(columnOf) as (keyof DeviceFilter)[]).flatMap((field) =>
    filter[field] === undefined ? [] : [`${columnOf[field]} = ${bound(filter[field])}`],
  );
  if (page.after !== null) conditions.push(`id > ${bound(page.after)}`);
  const rest = `${conditions.map((condition) => ` and ${condition}`).join('')} order by id limit ${bound(page.limit + 1)}`;
  return sliceOf(await observed(unit, observedWhere(rest), values), page.limit);
}

export async function findDevice(unit: Unit, tenantId: string, id: string): Promise<ObservedDevice | null> {
  const [found] = await observed(unit, observedOne, [tenantId, id]);
  return found ?? null;
}

/** @param rest which of the tenant's (`$1`) devices, and in which order */
const observedWhere = (rest: string): string =>
  `with page as materialized (select * from registry.device where tenant_id = $1 ${rest})
   select d.tenant_id as "tenantId", d.id, d.serial_number as "serialNumber", d.manufacturer, d.model, d.product_key as "productKey",
          d.group_tag as "groupTag", d.purchase_order as "purchaseOrder", d.registrar_kind as "registrarKind",
          d.source_run_id as "sourceRunId", d.source_line as "sourceLine", d.registered_at as "registeredAt", d.version,
          (select t.kind from registry.tenant t where t.id = $1) as "tenantKind",
          o.object_id as "objectId", o.observed_at as "observedAt",
          a.state, a.profile_id as "profileId", a.profile_version as "profileVersion", a.assigned_at as "assignedAt", a.detail,
          a.remediation, a.xmin::text as change,
          z.assigned_user as "assignedUser", z.display_name as "displayName", s.seen_at as "firstSeenAt"
   from page d
   left join registry.device_directory_object o on o.tenant_id = $1 and o.device_id = d.id
   left join registry.device_assignment a on a.tenant_id = $1 and a.device_id = d.id
   left join registry.device_designation z on z.tenant_id = $1 and z.device_id = d.id
   left join registry.device_first_seen s on s.tenant_id = $1 and s.device_id = d.id
   order by d.id`;
const observedOne = prepared(observedWhere('and id = $2'));

interface ObservedRow extends Omit<DeviceAssignment, 'deviceId' | 'state'>, Designation {
  tenantKind: TenantKind;
  objectId: string | null;
  observedAt: string;
  firstSeenAt: string | null;
  state: DeviceAssignment['state'] | null;
}

/** All that is shown of a device, in one trip. @param sql of `observedWhere` */
async function observed(unit: Unit, sql: string, values: readonly unknown[]): Promise<ObservedDevice[]> {
  const rows = await unit.query<ObservedRow & ObservedDevice['device']>(sql, values);
  return rows.map((row) => ({
    device: row,
    tenantKind: row.tenantKind,
    directoryObject: row.objectId === null ? null : { objectId: row.objectId, observedAt: row.observedAt },
    assignment: row.state === null ? null : { ...assignmentOf(row), deviceId: row.id, state: row.state },
    designation: { assignedUser: row.assignedUser, displayName: row.displayName },
    firstSeenAt: row.firstSeenAt,
  }));
}

function assignmentOf(row: ObservedRow) {
  const { profileId, profileVersion, assignedAt, detail, remediation, change } = row;
  return { profileId, profileVersion, assignedAt, detail, remediation, change };
}
