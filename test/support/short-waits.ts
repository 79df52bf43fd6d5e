/** Waiting times made short, so that a fault costs a test seconds; production waits longer for the same things. */
export const shortWaits = {
  GROUNDCREW_HEARTBEAT_MS: '2500',
  GROUNDCREW_ATTEMPT_MS: '20000',
  GROUNDCREW_LONGEST_RETRY_MS: '1000',
  GROUNDCREW_RELAY_LEASE_MS: '2000',
  GROUNDCREW_RELAY_START_MS: '1500',
  GROUNDCREW_RELAY_RETRY_MS: '300',
  GROUNDCREW_CHUNKS_IN_FLIGHT: '2',
  GROUNDCREW_BULK_ACTIVITIES: '2',
  GROUNDCREW_INTAKE_LEASE_SECONDS: '3',
  GROUNDCREW_SWEEP_MS: '1000',
};

/** The same for deregistrations, with neighbours that may be told to misbehave. */
export const shortWaitsAtNeighbours = {
  ...shortWaits,
  GROUNDCREW_MISBEHAVIOUR: 'allowed',
  GROUNDCREW_NEIGHBOURS_POLL_MS: '20',
  GROUNDCREW_SYNC_INTERVAL_MS: '100',
  GROUNDCREW_OBSERVE_PATIENCE_MS: '500',
  GROUNDCREW_STEP_DEADLINE_MS: '6000',
  GROUNDCREW_BULK_ACTIVITIES: '4',
};
