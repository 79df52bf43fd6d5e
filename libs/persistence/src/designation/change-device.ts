import type { Designation } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';
import { readDesignations, writeDesignations } from './designations.js';
import { requestRetags } from './retags.js';

/** A registered device that is held still because somebody changes it. */
export interface HeldRegistration extends Designation {
  deviceId: string;
  version: number;
  groupTag: string | null;
  /** The run that registers it, where the directory's object was not observed yet. */
  registeringRun: string | null;
}

/** Holds a device until the transaction ends. Null where there is none. */
export async function holdDevice(unit: Unit, tenantId: string, deviceId: string): Promise<HeldRegistration | null> {
  const [held] = await unit.query<Omit<HeldRegistration, keyof Designation>>(
    `select d.id as "deviceId", d.version, d.group_tag as "groupTag",
       case when o.device_id is null then d.source_run_id end as "registeringRun"
     from registry.device d
     left join registry.device_directory_object o on o.tenant_id = d.tenant_id and o.device_id = d.id
     where d.tenant_id = $1 and d.id = $2 for update of d`,
    [tenantId, deviceId],
  );
  if (held === undefined) return null;
  const designations = await readDesignations((sql, values) => unit.query(sql, values), tenantId, [deviceId]);
  return { ...held, ...(designations.get(deviceId) ?? { assignedUser: null, displayName: null }) };
}

/** Writes a device that is held as it is to be, and raises its version. Another group tag is told to the directory. */
export async function changeDevice(
  unit: Unit,
  tenantId: string,
  before: HeldRegistration,
  after: Designation & { groupTag: string | null },
): Promise<void> {
  const ask = <Row>(sql: string, values: readonly unknown[]) => unit.query<Row>(sql, values);
  await unit.change(
    'update registry.device set group_tag = $3, version = version + 1 where tenant_id = $1 and id = $2',
    [tenantId, before.deviceId, after.groupTag],
  );
  const { assignedUser, displayName } = after;
  await writeDesignations(ask, tenantId, [{ deviceId: before.deviceId, assignedUser, displayName }]);
  if (after.groupTag !== before.groupTag) await requestRetags(ask, tenantId, [before.deviceId]);
}
