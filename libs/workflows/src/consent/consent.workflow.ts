import type { ConsentState } from '@groundcrew/domain';
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { ConsentPolicy } from '../policy/consent-policy.js';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import type { RunReference } from '../registration-order/registration-order.port.js';
import type { ConsentActivities } from './consent.port.js';

export interface ConsentInput {
  run: RunReference;
  policy: RunPolicy;
  consent: ConsentPolicy;
}

/** Says that the consent was decided. What was decided lies in PostgreSQL. */
export const consentDecided = defineSignal('consentDecided');

/**
 * Waits for a tenant to decide about a partner, reminds it from time to time, and lets the question expire. It decides nothing: a
 * decision is made in PostgreSQL, also while this does not run.
 */
export async function consent(input: ConsentInput): Promise<{ outcome: ConsentState }> {
  const { run, policy } = input;
  const { reminderMs, expiryMs } = input.consent;
  const registry = proxyActivities<ConsentActivities>(activityOptions(policy));
  let decided = false;
  setHandler(consentDecided, () => {
    decided = true;
  });

  const standing = await registry.openConsentRun(run);
  decided ||= standing.decided;
  let waitedMs = standing.waitedMs;
  let number = Math.max(standing.reminders, Math.floor(waitedMs / reminderMs));
  const decidedUntil = async (ms: number): Promise<boolean> => {
    if (!decided && ms > waitedMs) await condition(() => decided, ms - waitedMs);
    waitedMs = Math.max(waitedMs, ms);
    return decided;
  };

  for (number += 1; number * reminderMs < expiryMs; number += 1) {
    if (await decidedUntil(number * reminderMs)) break;
    const reminded = await registry.remindOfConsent({ ...run, number });
    // Not in one expression with the await: the signal may have come meanwhile, and must not be overwritten.
    if (reminded.decided) decided = true;
  }
  if (!(await decidedUntil(expiryMs))) await registry.expireConsent(run);

  return registry.closeConsentRun(run);
}
