/** How long a tenant may take to decide about a partner. Plain JSON; configuration of whoever starts the run. */
export interface ConsentPolicy {
  /** From one reminder to the next, in milliseconds. */
  reminderMs: number;
  /** After which time the question is over, in milliseconds. */
  expiryMs: number;
}

const dayMs = 86_400_000;

/** Reminded weekly, over after a month. The modelled service's links do not say how long they hold. */
export const defaultConsentPolicy: ConsentPolicy = { reminderMs: 7 * dayMs, expiryMs: 30 * dayMs };
