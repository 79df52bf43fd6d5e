import { decodeHardwareHash, toSnapshot, type Digests, type Snapshot } from '@groundcrew/matching';
import { findChangedHardware, lookAgain, type Sealer } from '@groundcrew/persistence/without-orm';
import type { ManagedDevice, ReportedHash } from '@groundcrew/subsystems';
import type pg from 'pg';

/** An enrolled device that is to say what it is, because new hardware was seen under its registration. */
export interface SuspectDevice {
  managedDeviceId: string;
  deviceId: string;
}

/** Which of the enrolled devices that are. Two that say the same serial number are not told apart here. */
export async function suspectsAmong(
  pool: pg.Pool,
  tenantId: string,
  enrolled: readonly ManagedDevice[],
): Promise<SuspectDevice[]> {
  const registrationIds = enrolled.flatMap((device) => device.registrationId ?? []);
  const serialNumbers = enrolled.flatMap((device) => device.serialNumber ?? []);
  const changed = await findChangedHardware(pool, tenantId, registrationIds, serialNumbers);
  return changed.flatMap(({ deviceId, serialNumber }) => {
    const known = enrolled.filter((each) => each.registrationId === deviceId);
    const named = enrolled.filter((each) => each.registrationId === null && each.serialNumber === serialNumber);
    const [own, ...others] = known.length > 0 ? known : named;
    return own === undefined || others.length > 0 || own.retirePending
      ? []
      : [{ managedDeviceId: own.managedDeviceId, deviceId }];
  });
}

/** Holds what they answered against what was registered. Who did not answer is asked again at the next turn. */
export async function judgeAnswers(
  tools: { pool: pg.Pool; sealer: Sealer; digests: Digests },
  tenantId: string,
  suspects: readonly SuspectDevice[],
  answers: readonly ReportedHash[],
): Promise<void> {
  const at = Math.floor(Date.now() / 1_000);
  for (const { managedDeviceId, deviceId } of suspects) {
    const answer = answers.find((each) => each.managedDeviceId === managedDeviceId);
    if (answer === undefined) continue;
    await lookAgain(tools.pool, tools, { tenantId, deviceId }, snapshotOf(answer.hardwareHash, tools.digests), at);
  }
}

function snapshotOf(hash: string, digests: Digests): Snapshot | null {
  const decoded = decodeHardwareHash(hash, digests);
  return decoded.ok && decoded.value.report !== null ? toSnapshot(decoded.value.report, decoded.value.level) : null;
}
