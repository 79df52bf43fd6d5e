import { noteFirstSeen } from '@groundcrew/persistence/without-orm';
import type { ManagedDevice } from '@groundcrew/subsystems';
import type pg from 'pg';

/** Devices that were set up through a registration have started: whoever goes through management's list notes it on the way. */
export async function noteEnrolled(pool: pg.Pool, tenantId: string, devices: readonly ManagedDevice[]): Promise<void> {
  const seen = devices.flatMap(({ registrationId, enrolledAt }) =>
    registrationId === null ? [] : [{ deviceId: registrationId, seenAt: enrolledAt }],
  );
  await noteFirstSeen(pool, tenantId, seen);
}
