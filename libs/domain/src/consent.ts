/** The states of a registration authorization. Source: domain.md 2. */
export const consentStates = ['requested', 'granted', 'declined', 'expired', 'revoked'] as const;
export type ConsentState = (typeof consentStates)[number];

export type ConsentEvent = 'grant' | 'decline' | 'expire' | 'revoke';

/** Which event moves which state where. What is not listed is refused. */
export const consentLifecycle: Record<ConsentState, Partial<Record<ConsentEvent, ConsentState>>> = {
  requested: { grant: 'granted', decline: 'declined', expire: 'expired' },
  granted: { revoke: 'revoked' },
  declined: {},
  expired: {},
  revoked: {},
};

/** What happens to accepted orders when a consent is revoked: nothing more is registered, or they are finished. */
export const inFlightChoices = ['stop_now', 'finish_accepted'] as const;
export type InFlightChoice = (typeof inFlightChoices)[number];

/** What ends an open consent when its tenant leaves. */
export const endedByOffboarding: Record<ConsentState, ConsentEvent | null> = {
  requested: 'decline',
  granted: 'revoke',
  declined: null,
  expired: null,
  revoked: null,
};
