import type { DeviceFacts, FactSource } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';
import { believed, believedFrom, joinDeviceFacts } from './platform-sql.js';

/** What is believed of a device's platform, whose word each is, and what people said. */
export interface KnownDeviceFacts extends DeviceFacts {
  sources: Record<keyof DeviceFacts, FactSource | null>;
  /** What people said themselves: it goes before everything else, until they take it back. */
  said: DeviceFacts;
  /** Of what people said. Version 0: nobody said anything yet. */
  version: number;
}

/** Null where there is no such device. */
export async function findDeviceFacts(
  unit: Unit,
  tenantId: string,
  deviceId: string,
): Promise<KnownDeviceFacts | null> {
  const [found] = await unit.query<KnownDeviceFacts>(
    `select ${believed.osFamily} as "osFamily", ${believed.deviceType} as "deviceType", ${believed.tpmVersion} as "tpmVersion",
            json_build_object('osFamily', ${believedFrom.osFamily}, 'deviceType', ${believedFrom.deviceType},
              'tpmVersion', ${believedFrom.tpmVersion}) as sources,
            json_build_object('osFamily', f.os_family, 'deviceType', f.device_type, 'tpmVersion', f.tpm) as said,
            coalesce(f.version, 0) as version
     from registry.device d ${joinDeviceFacts} where d.tenant_id = $1 and d.id = $2`,
    [tenantId, deviceId],
  );
  return found ?? null;
}

/** Writes what people say, if it still is the version that the caller saw. @returns null where it is not */
export async function keepDeviceFacts(
  unit: Unit,
  facts: DeviceFacts & { tenantId: string; deviceId: string; seen: number },
): Promise<KnownDeviceFacts | null> {
  const values = [facts.tenantId, facts.deviceId, facts.osFamily, facts.deviceType, facts.tpmVersion];
  const changed = await unit.change(
    `insert into registry.device_facts as f (tenant_id, device_id, os_family, device_type, tpm)
     select $1::uuid, $2::uuid, $3, $4, $5 where $6::integer = 0 or exists (select from registry.device_facts where tenant_id = $1 and device_id = $2)
     on conflict (tenant_id, device_id) do update
       set os_family = excluded.os_family, device_type = excluded.device_type, tpm = excluded.tpm, version = f.version + 1,
           updated_at = clock_timestamp()
       where f.version = $6`,
    [...values, facts.seen],
  );
  return changed === 0 ? null : await findDeviceFacts(unit, facts.tenantId, facts.deviceId);
}
