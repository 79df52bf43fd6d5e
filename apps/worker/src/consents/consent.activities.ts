import { closeConsentRun, expireConsent, openConsentRun, remindOfConsent } from '@groundcrew/persistence/without-orm';
import type { ConsentActivities } from '@groundcrew/workflows';
import type pg from 'pg';
import { keepAlive } from '../temporal/keep-alive.js';

/** What the workflow of a consent needs, on a real registry. */
export function createConsentActivities({ pool }: { pool: pg.Pool }): ConsentActivities {
  return {
    openConsentRun: (run) => keepAlive(() => openConsentRun(pool, run)),
    remindOfConsent: ({ number, ...run }) => keepAlive(() => remindOfConsent(pool, run, number)),
    expireConsent: (run) => keepAlive(() => expireConsent(pool, run)),
    closeConsentRun: (run) => keepAlive(() => closeConsentRun(pool, run)),
  };
}
