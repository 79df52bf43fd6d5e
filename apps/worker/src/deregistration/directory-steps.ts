import { keptBecause } from '@groundcrew/domain';
import type { StepOutcome } from '@groundcrew/persistence/without-orm';
import { askAgain, byKey, done, known, notYet, type StepDriver, type StepTools } from './step-driver.js';

const by = 'directory';
const shownAgain = 'the directory shows the registration again';

/** The directory hears that the registration is no more; done when no object carries it. */
export function releaseRegistration({ directory }: StepTools): StepDriver {
  return {
    by,
    request: (key, tenantId, devices) =>
      directory.release(
        key,
        tenantId,
        devices.map(({ deviceId }) => deviceId),
      ),
    async observe(tenantId, devices) {
      const outcomes = new Map<string, StepOutcome>();
      for (const [key, group] of byKey(devices)) {
        const seen = await directory.observe(
          key,
          tenantId,
          group.map(({ deviceId }) => deviceId),
        );
        const used = new Map(seen.objects.map((object) => [object.registrationId, object.usedBy]));
        for (const device of group) {
          if (!seen.applied)
            outcomes.set(device.deviceId, notYet('the directory has not worked through the release yet'));
          else if (used.get(device.deviceId)?.includes('registration') === true)
            outcomes.set(device.deviceId, askAgain(device, 'release_registration', { why: shownAgain, by }));
          else outcomes.set(device.deviceId, done(by));
        }
      }
      return outcomes;
    },
  };
}

/** Gone, or kept because something else needs it: both are ends. */
export function observeDirectoryObject({ directory }: StepTools): StepDriver {
  return {
    by,
    request: async () => undefined,
    async observe(tenantId, devices) {
      const ids = devices.map(({ deviceId }) => deviceId);
      const hybrid = known(devices.map((device) => device.computerObjectId));
      const objects = await directory.read(tenantId, { registrationIds: ids });
      const used = new Map(objects.map((object) => [object.registrationId, object.usedBy]));
      const synced = hybrid.length === 0 ? [] : await directory.read(tenantId, { objectIds: hybrid });
      const stays = new Map(synced.map((object) => [object.objectId, object.usedBy]));
      const outcomes = new Map<string, StepOutcome>();
      for (const device of devices) {
        const usedBy = used.get(device.deviceId) ?? stays.get(device.computerObjectId ?? '');
        if (usedBy === undefined) outcomes.set(device.deviceId, done(by, 'gone'));
        else if (usedBy.includes('registration'))
          outcomes.set(device.deviceId, askAgain(device, 'release_registration', { why: shownAgain, by }));
        else if (usedBy.length === 0)
          outcomes.set(device.deviceId, notYet('the directory has not dropped the object yet'));
        else {
          const why = keptBecause(usedBy);
          outcomes.set(device.deviceId, { kind: 'done', answeredBy: by, note: why, keptBecause: why });
        }
      }
      return outcomes;
    },
  };
}
