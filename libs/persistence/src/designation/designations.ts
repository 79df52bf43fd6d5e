import type { Designation } from '@groundcrew/domain';
import type { AskSql } from '../matching/candidate-index.js';

/** A device with whom it is meant for and what it is to be called. */
export type DesignatedDevice = Designation & { deviceId: string };

/** The designations of those of the devices that have one. */
export async function readDesignations(
  ask: AskSql,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<Map<string, Designation>> {
  if (deviceIds.length === 0) return new Map();
  const rows = await ask<DesignatedDevice>(
    `select device_id as "deviceId", assigned_user as "assignedUser", display_name as "displayName"
     from registry.device_designation where tenant_id = $1 and device_id = any ($2::uuid[])`,
    [tenantId, deviceIds],
  );
  return new Map(rows.map(({ deviceId, ...designation }) => [deviceId, designation]));
}

/**
 * Designates devices, as a set: what was said of them before is replaced, and a device of which nothing is left to say has no
 * designation. Who changes a registered device raises its version himself.
 */
export async function writeDesignations(
  ask: AskSql,
  tenantId: string,
  devices: readonly DesignatedDevice[],
): Promise<void> {
  const said = devices.filter(({ assignedUser, displayName }) => assignedUser !== null || displayName !== null);
  const unsaid = devices.filter((device) => !said.includes(device)).map(({ deviceId }) => deviceId);
  if (said.length > 0) {
    await ask(
      `insert into registry.device_designation (tenant_id, device_id, assigned_user, display_name)
       select $1, w.device_id, w.assigned_user, w.display_name
       from unnest($2::uuid[], $3::text[], $4::text[]) as w (device_id, assigned_user, display_name)
       on conflict (tenant_id, device_id) do update
         set assigned_user = excluded.assigned_user, display_name = excluded.display_name`,
      [
        tenantId,
        said.map(({ deviceId }) => deviceId),
        said.map(({ assignedUser }) => assignedUser),
        said.map(({ displayName }) => displayName),
      ],
    );
  }
  if (unsaid.length > 0) {
    await ask('delete from registry.device_designation where tenant_id = $1 and device_id = any ($2::uuid[])', [
      tenantId,
      unsaid,
    ]);
  }
}
