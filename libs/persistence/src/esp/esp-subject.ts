import type { DeploymentMode, JoinType, OsFamily } from '@groundcrew/domain';
import { believed, joinDeviceFacts } from '../profiles/platform-sql.js';
import type { Unit } from '../scope/with-scope.js';

/** What decides which page a device shows, as far as the device has to do with it. */
export interface EspDevice {
  deviceGroups: string[];
  osFamily: OsFamily | null;
  profileId: string | null;
  /** Null where no profile reaches the device: the built-in default decides. */
  deploymentMode: DeploymentMode | null;
  joinType: JoinType | null;
}

/** Null where there is no such device. The groups are those of the device's last evaluation. */
export async function findEspDevice(unit: Unit, tenantId: string, deviceId: string): Promise<EspDevice | null> {
  const [found] = await unit.query<EspDevice>(
    `select coalesce(a.group_ids, '{}') as "deviceGroups", ${believed.osFamily} as "osFamily", p.id as "profileId",
       p.deployment_mode as "deploymentMode", p.join_type as "joinType"
     from registry.device d
     left join registry.device_assignment a on a.tenant_id = d.tenant_id and a.device_id = d.id
     left join registry.profile p on p.tenant_id = d.tenant_id and p.id = a.profile_id
     ${joinDeviceFacts}
     where d.tenant_id = $1 and d.id = $2`,
    [tenantId, deviceId],
  );
  return found ?? null;
}
