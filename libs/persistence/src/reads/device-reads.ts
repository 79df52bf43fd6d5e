import type { Designation, Remediation } from '@groundcrew/domain';
import { readDesignations } from '../designation/designations.js';
import { DeviceDirectoryObjectRow, DeviceRow, type Device, type DeviceDirectoryObject } from '../rows/device.row.js';
import type { Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from './keyset.js';

/** A device with what was observed of it in the directory. */
export interface ObservedDevice {
  device: Device;
  directoryObject: DeviceDirectoryObject | null;
  /** Null where no assignment run looked at it yet. */
  assignment: DeviceAssignment | null;
  designation: Designation;
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

export async function listDevices(
  unit: Unit,
  tenantId: string,
  filter: DeviceFilter,
  page: Keyset<string>,
): Promise<Slice<ObservedDevice>> {
  const where = { tenantId, ...filter, ...(page.after === null ? {} : { id: { $gt: page.after } }) };
  const found = await unit.em.find(DeviceRow, where, { orderBy: { id: 'asc' }, limit: page.limit + 1 });
  const slice = sliceOf(found, page.limit);
  return { items: await observed(unit, tenantId, slice.items), more: slice.more };
}

export async function findDevice(unit: Unit, tenantId: string, id: string): Promise<ObservedDevice | null> {
  const device = await unit.em.findOne(DeviceRow, { tenantId, id });
  return device === null ? null : (await observed(unit, tenantId, [device]))[0]!;
}

async function observed(unit: Unit, tenantId: string, devices: Device[]): Promise<ObservedDevice[]> {
  if (devices.length === 0) return [];
  const objects = await unit.em.find(DeviceDirectoryObjectRow, {
    tenantId,
    deviceId: { $in: devices.map((device) => device.id) },
  });
  const objectOf = new Map(objects.map((object) => [object.deviceId, object]));
  const assignments = await unit.query<DeviceAssignment>(
    `select device_id as "deviceId", state, profile_id as "profileId", profile_version as "profileVersion", assigned_at as "assignedAt",
            detail, remediation, xmin::text as change
     from registry.device_assignment where tenant_id = $1 and device_id = any ($2::uuid[])`,
    [tenantId, devices.map((device) => device.id)],
  );
  const designations = await readDesignations(
    (sql, values) => unit.query(sql, values),
    tenantId,
    devices.map((device) => device.id),
  );
  const assignmentOf = new Map(assignments.map((assignment) => [assignment.deviceId, assignment]));
  return devices.map((device) => ({
    device,
    directoryObject: objectOf.get(device.id) ?? null,
    assignment: assignmentOf.get(device.id) ?? null,
    designation: designations.get(device.id) ?? { assignedUser: null, displayName: null },
  }));
}
