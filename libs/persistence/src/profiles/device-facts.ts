import type { DeviceFacts } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

/** What is known of a device's platform, and since which version of it. Version 0: nobody said anything yet. */
export type KnownDeviceFacts = DeviceFacts & { version: number };

/** Null where there is no such device. */
export async function findDeviceFacts(
  unit: Unit,
  tenantId: string,
  deviceId: string,
): Promise<KnownDeviceFacts | null> {
  const [found] = await unit.query<KnownDeviceFacts>(
    `select f.os_family as "osFamily", f.device_type as "deviceType", f.tpm as "tpmVersion", coalesce(f.version, 0) as version
     from registry.device d left join registry.device_facts f on f.tenant_id = d.tenant_id and f.device_id = d.id
     where d.tenant_id = $1 and d.id = $2`,
    [tenantId, deviceId],
  );
  return found ?? null;
}

/** Writes what is known, if it still is the version that the caller saw. @returns null where it is not */
export async function keepDeviceFacts(
  unit: Unit,
  facts: DeviceFacts & { tenantId: string; deviceId: string; seen: number },
): Promise<KnownDeviceFacts | null> {
  const values = [facts.tenantId, facts.deviceId, facts.osFamily, facts.deviceType, facts.tpmVersion];
  const changed =
    facts.seen === 0
      ? await unit.change(
          `insert into registry.device_facts (tenant_id, device_id, os_family, device_type, tpm) values ($1, $2, $3, $4, $5)
           on conflict do nothing`,
          values,
        )
      : await unit.change(
          `update registry.device_facts set os_family = $3, device_type = $4, tpm = $5, version = version + 1,
             updated_at = clock_timestamp() where tenant_id = $1 and device_id = $2 and version = $6`,
          [...values, facts.seen],
        );
  return changed === 0 ? null : await findDeviceFacts(unit, facts.tenantId, facts.deviceId);
}
