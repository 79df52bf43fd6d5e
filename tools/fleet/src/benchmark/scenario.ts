import type { HardwareReport, Outcome } from '@groundcrew/matching';
import type { Device } from '../device.js';
import type { Random } from '../random.js';
import type { Form } from './observe.js';
import type { Registered, Registry } from './registry.js';
import type { Spares } from './repairs.js';

/** With a TPM; without one, seen through envelopes; without one, seen through hardware hashes only. */
export const CLASSES = ['tpm', 'envelope', 'hash'] as const;
export type DeviceClass = (typeof CLASSES)[number];

/** What a scenario may draw from. */
export interface Scene {
  readonly registry: Registry;
  readonly subject: Registered;
  readonly random: Random;
  readonly spare: Spares;
  /** Another registered device of the same model, or null when there is none. */
  readonly sibling: () => Registered | null;
  readonly anybody: () => Registered;
}

/** What stands before the service, and whose it truly is. */
export interface Probe {
  readonly device: Device;
  /** Id of the registered device it is; null for a stranger. */
  readonly owner: string | null;
  readonly form?: Form;
  /** Changes of the report after it was collected: tampering, damaged fields. */
  readonly edit?: (report: HardwareReport) => HardwareReport;
  /** What is carried as `finding`: a modulus that does not fit its digest. */
  readonly forgedModulus?: boolean;
  /** Decided by a story of its own (several steps, freshness) instead of one identification. */
  readonly story?: () => Outcome;
}

export type Expected = readonly Outcome[];

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Outcomes the reference allows; null where the class cannot occur. `match` always means: to the owner. */
  readonly expected: { readonly tpm: Expected | null; readonly none: Expected | null };
  readonly fits?: (device: Device) => boolean;
  readonly make: (scene: Scene) => Probe | null;
}

export const MATCH: Expected = ['match'];
export const REVIEW: Expected = ['review'];
export const NO: Expected = ['no-match'];
export const MATCH_OR_REVIEW: Expected = ['match', 'review'];
export const REVIEW_OR_NO: Expected = ['review', 'no-match'];
