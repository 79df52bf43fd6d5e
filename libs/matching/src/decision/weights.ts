import type { Group } from './evidence-groups.js';

export interface Weights {
  readonly version: string;
  /** Bits for agreeing and for disagreeing. */
  readonly groups: Readonly<Record<Group, readonly [agree: number, disagree: number]>>;
  /** Bits of a disk that agrees but is not the one the system starts from. */
  readonly otherDisk: number;
  /** Most bits of UUID and serial number together where one is computed from the other. */
  readonly derivedUuidWithSerial: number;
  /** Bits of a desktop model whose product name nobody filled in. */
  readonly desktopWithoutProduct: number;
  /** Posterior from which rule C4 may match. */
  readonly matchPosterior: number;
  /** Fewest bits between the best candidate and the next. */
  readonly margin: number;
  /** Rarest value frequency that is believed. */
  readonly frequencyFloor: number;
}

/**
 * Fellegi–Sunter weights. Disagreement comes from guessed repair rates, agreement from value frequencies; they rank and
 * explain, and decide only in C4 and D1. A change of any number is a new version.
 *
 * Source: matching.md C.3 (initial weights).
 */
export const WEIGHTS: Weights = {
  version: 'weights-1',
  groups: {
    EK: [24, -8],
    UUID: [20, -7.6],
    BSN: [18, -7.6],
    LAN: [18, -7.6],
    PKID: [14, -6.6],
    SN: [18, -9],
    RADIO: [16, -6],
    DISK: [16, -4.6],
    RAM: [3, -4],
    CPU: [7, -9],
    DISPLAY: [5, -5],
    MODEL: [11, -10],
  },
  otherDisk: 10,
  derivedUuidWithSerial: 20,
  desktopWithoutProduct: 4,
  matchPosterior: 0.9999,
  margin: 10,
  frequencyFloor: 1e-6,
};
