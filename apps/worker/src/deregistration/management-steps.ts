import type { LedgerDevice, StepOutcome, UndoOutcome } from '@groundcrew/persistence/without-orm';
import type { ManagedDevice, ManagementPort } from '@groundcrew/subsystems';
import {
  askAgain,
  byKey,
  done,
  known,
  notYet,
  type StepDriver,
  type StepTools,
  type UndoDriver,
} from './step-driver.js';

const by = 'management';
const onPremises = 'on-premises directory';
const recordIsBack = 'the record in management came back';
const stillListed = 'management still lists the registration';

/** How each outcome of a request ended, for the devices of all its keys. */
async function resultsOf(management: ManagementPort, tenantId: string, devices: readonly LedgerDevice[]) {
  const applied = new Set<string>();
  const results = new Map<string, string>();
  for (const key of byKey(devices).keys()) {
    const observation = await management.observe(key, tenantId);
    if (observation.applied) applied.add(key);
    for (const { target, outcome } of observation.results) results.set(target, outcome);
  }
  return { applied, results };
}

/** Management removes its record; done when the record is not there any more. */
export function retireManagement({ management }: StepTools): StepDriver {
  return {
    by,
    request: (key, tenantId, devices) => management.retire(key, tenantId, known(devices.map((d) => d.managedDeviceId))),
    async observe(tenantId, devices) {
      const { applied, results } = await resultsOf(management, tenantId, devices);
      const there = await recordsOf(management, tenantId, devices);
      return outcomes(devices, (device) => {
        const result = results.get(device.managedDeviceId!);
        if (!there.has(device.managedDeviceId!)) return done(by, result === 'already_absent' ? 'already absent' : null);
        if (!applied.has(device.requestKey)) return notYet('management has not removed its record yet');
        if (result === 'restored')
          return {
            kind: 'attention',
            code: 'taken_back',
            difference: 'somebody took the removal from management back',
            answeredBy: by,
          };
        return askAgain(device, 'retire_management', { why: recordIsBack, by });
      });
    },
  };
}

/** Takes a removal back that has not been applied. */
export function restoreManagement({ management }: StepTools): UndoDriver {
  return {
    by,
    late: 'management has not taken the removal of its record back in time',
    request: (key, tenantId, devices) =>
      management.restore(key, tenantId, known(devices.map((d) => d.managedDeviceId))),
    async observe(tenantId, devices) {
      const { applied, results } = await resultsOf(management, tenantId, devices);
      const there = await recordsOf(management, tenantId, devices);
      const undone = new Map<string, UndoOutcome>();
      for (const device of devices.filter(({ requestKey }) => applied.has(requestKey))) {
        const record = there.get(device.managedDeviceId!);
        const result = results.get(device.managedDeviceId!);
        if (record === undefined)
          undone.set(device.deviceId, {
            kind: 'difference',
            difference: 'registered as before, but management has removed its record: the device has to enrol again',
          });
        else if (!record.retirePending)
          undone.set(device.deviceId, {
            kind: 'undone',
            answeredBy: by,
            note: result === 'not_pending' ? 'was not asked to go' : null,
          });
      }
      return undone;
    },
  };
}

/** The registered device is meant for nobody any more. */
export function unassignUser({ management }: StepTools): StepDriver {
  return {
    by,
    request: (key, tenantId, devices) => management.unassignUsers(key, tenantId, idsOf(devices)),
    async observe(tenantId, devices) {
      const { applied, results } = await resultsOf(management, tenantId, devices);
      const assigned = await usersOf(management, tenantId, devices);
      return outcomes(devices, (device) => {
        if (!assigned.has(device.deviceId))
          return done(by, results.get(device.deviceId) === 'already_absent' ? 'already absent' : null);
        if (!applied.has(device.requestKey)) return notYet('the user is still assigned');
        return askAgain(device, 'unassign_user', { why: 'a user is assigned again', by });
      });
    },
  };
}

/** The same user is assigned again. */
export function assignUserAgain({ management }: StepTools): UndoDriver {
  return {
    by,
    late: 'management has not assigned its user again in time',
    // A removal that is worked through after the user is assigned again would take the user away once more.
    async mayStillHappen(tenantId, devices) {
      const open = new Set<string>();
      for (const key of new Set(devices.flatMap(({ openKeys }) => openKeys))) {
        const { accepted, applied } = await management.observe(key, tenantId);
        if (accepted && !applied) open.add(key);
      }
      return new Set(
        devices.filter(({ openKeys }) => openKeys.some((key) => open.has(key))).map(({ deviceId }) => deviceId),
      );
    },
    request: (key, tenantId, devices) =>
      management.assignUsers(
        key,
        tenantId,
        devices.flatMap(({ deviceId, userId, userName }) =>
          userId === null ? [] : [{ registrationId: deviceId, userId, principalName: userName ?? userId }],
        ),
      ),
    async observe(tenantId, devices) {
      const { applied } = await resultsOf(management, tenantId, devices);
      const assigned = await usersOf(management, tenantId, devices);
      const undone = new Map<string, UndoOutcome>();
      for (const device of devices.filter(({ requestKey }) => applied.has(requestKey))) {
        if (assigned.get(device.deviceId) === device.userId)
          undone.set(device.deviceId, { kind: 'undone', answeredBy: by, note: null });
        else
          undone.set(device.deviceId, {
            kind: 'difference',
            difference: `${device.userName ?? device.userId} was assigned and is not any more`,
          });
      }
      return undone;
    },
  };
}

/** Management's list does not show the registration any more, and no record came back. */
export function verifyGone({ management }: StepTools): StepDriver {
  return {
    by,
    request: async () => undefined,
    async observe(tenantId, devices) {
      const listed = new Set(await management.readRegistered(tenantId, idsOf(devices)));
      const retired = devices.filter(({ steps }) => steps.includes('retire_management'));
      const there = await recordsOf(management, tenantId, retired);
      return outcomes(devices, (device) => {
        const stays = there.has(device.managedDeviceId ?? '');
        const skipped = device.skippedSteps.includes('retire_management');
        if (stays && !skipped) return askAgain(device, 'retire_management', { why: recordIsBack, by });
        if (!listed.has(device.deviceId))
          return done(by, stays ? 'not listed; the record stays, its removal was skipped' : null);
        // The list is as old as the last sync. One that was read too early is read again; then it takes another sync.
        if (device.ageMs < staleMs) return notYet(stillListed);
        return askAgain(device, 'sync', { why: stillListed, by });
      });
    },
  };
}

const staleMs = 2_000;

/** The on-premises computer from which a hybrid device's object is synced. */
export function removeComputerObject({ management }: StepTools): StepDriver {
  return {
    by: onPremises,
    request: (key, tenantId, devices) =>
      management.removeComputers(key, tenantId, known(devices.map((d) => d.computerObjectId))),
    async observe(tenantId, devices) {
      const { applied } = await resultsOf(management, tenantId, devices);
      const objects = known(devices.map((device) => device.computerObjectId));
      const computers = await management.readComputers(tenantId, objects);
      const there = new Set(
        computers.filter(({ removed }) => !removed).map(({ directoryObjectId }) => directoryObjectId),
      );
      return outcomes(devices, (device) => {
        if (!there.has(device.computerObjectId ?? '')) return done(onPremises);
        if (!applied.has(device.requestKey)) return notYet('the on-premises computer object is still there');
        return askAgain(device, 'remove_computer_object', {
          why: 'the on-premises computer object came back',
          by: onPremises,
        });
      });
    },
  };
}

async function recordsOf(management: ManagementPort, tenantId: string, devices: readonly LedgerDevice[]) {
  const ids = known(devices.map((device) => device.managedDeviceId));
  const records = ids.length === 0 ? [] : await management.read(tenantId, { managedDeviceIds: ids });
  return new Map<string, ManagedDevice>(records.map((record) => [record.managedDeviceId, record]));
}

async function usersOf(management: ManagementPort, tenantId: string, devices: readonly LedgerDevice[]) {
  const users = await management.readAssignedUsers(tenantId, idsOf(devices));
  return new Map(users.map(({ registrationId, userId }) => [registrationId, userId]));
}

function outcomes(
  devices: readonly LedgerDevice[],
  outcomeOf: (device: LedgerDevice) => StepOutcome,
): Map<string, StepOutcome> {
  return new Map(devices.map((device) => [device.deviceId, outcomeOf(device)]));
}

function idsOf(devices: readonly LedgerDevice[]): string[] {
  return devices.map(({ deviceId }) => deviceId);
}
