import type { AskSql } from '../matching/candidate-index.js';

/** What a device is given when it boots for the first time. */
export interface DeliveredAssignment {
  state: 'unassigned' | 'assigning' | 'assigned' | 'failed';
  profileId: string | null;
  profileVersion: number | null;
}

/**
 * Reads what a device is due and notes that it was given that, in one statement: a run that is cancelled at the same moment either was
 * faster, and the device gets what it had before; or finds the note, and leaves the device what it got.
 *
 * @returns null where nothing was decided for the device yet: the built-in default applies
 */
export async function deliverAssignment(
  ask: AskSql,
  tenantId: string,
  deviceId: string,
): Promise<DeliveredAssignment | null> {
  const [delivered] = await ask<DeliveredAssignment>(
    `update registry.device_assignment
     set delivered_at = clock_timestamp(), delivered_run_id = run_id, delivered_profile_id = profile_id,
         delivered_profile_version = profile_version
     where tenant_id = $1 and device_id = $2
     returning state, profile_id as "profileId", profile_version as "profileVersion"`,
    [tenantId, deviceId],
  );
  return delivered ?? null;
}
