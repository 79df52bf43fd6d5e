import type { HoldKind } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

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
