/** What is known about the moment a report was made and received. Times in unix seconds UTC. */
export interface ReportMoment {
  readonly collectedAt: number | null;
  readonly receivedAt: number;
  /** Hexadecimal; '' when the form has none. */
  readonly nonce: string;
}

export interface FreshnessDemand {
  /** `online`: the device stands before us now. `import`: somebody brings a file, which may be old. */
  readonly purpose: 'online' | 'import';
  /** The nonce we gave, hexadecimal; '' when none was asked for. */
  readonly expectedNonce: string;
  /** The same report id, or the same digest, was received before. */
  readonly seenBefore: boolean;
  /** Newest confirmed report of the device, or null. */
  readonly lastConfirmedAt: number | null;
}

export type FreshnessRejection =
  'report.from-the-future' | 'report.nonce-missing' | 'report.nonce-wrong' | 'report.too-old' | 'report.replayed';

/** Seconds a clock may run ahead, and the greatest age of an online report. */
export const FUTURE_TOLERANCE_SECONDS = 86_400;
export const ONLINE_AGE_SECONDS = 600;

/**
 * Whether a report may speak for a device at this moment; null when it may. An unattested report can be copied, so this
 * guards against stale files and plain replay, not against a thief of fresh ones.
 *
 * Source: matching.md E.1 (time rules).
 */
export function judgeFreshness(moment: ReportMoment, demand: FreshnessDemand): FreshnessRejection | null {
  const { collectedAt, receivedAt, nonce } = moment;
  if (collectedAt !== null && collectedAt > receivedAt + FUTURE_TOLERANCE_SECONDS) return 'report.from-the-future';
  if (demand.purpose === 'import') return null;
  if (demand.seenBefore) return 'report.replayed';
  if (demand.expectedNonce !== '') {
    if (nonce === '') return 'report.nonce-missing';
    if (nonce !== demand.expectedNonce) return 'report.nonce-wrong';
    return collectedAt === null || receivedAt - collectedAt > ONLINE_AGE_SECONDS ? 'report.too-old' : null;
  }
  // A hash has no place for a nonce: one older than what was last confirmed is a copy from a drawer.
  const older = collectedAt !== null && demand.lastConfirmedAt !== null && collectedAt < demand.lastConfirmedAt;
  return older ? 'report.replayed' : null;
}
