import type { ConsentState } from '@groundcrew/domain';
import type { RunReference } from '../registration-order/registration-order.port.js';

/** What waiting for a consent needs of the registry. Each act may be repeated: it finds what it did before. */
export interface ConsentActivities {
  /** Takes the run up. How long was waited already counts, because a run may start late. */
  openConsentRun(run: RunReference): Promise<{ decided: boolean; reminders: number; waitedMs: number }>;

  /** Reminds the tenant, once for each number, unless it has decided. */
  remindOfConsent(reminder: RunReference & { number: number }): Promise<{ decided: boolean }>;

  /** Lets the consent expire, unless the tenant was faster. */
  expireConsent(run: RunReference): Promise<{ expired: boolean }>;

  /** Closes the run with what became of the consent. */
  closeConsentRun(run: RunReference): Promise<{ outcome: ConsentState }>;
}
