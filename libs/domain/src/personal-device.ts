import type { RunKind } from './run.js';

/** Why a device counts as somebody's own, and is not registered. Source: domain.md 12.1. */
export type PersonalVerdict = 'workplace_joined' | 'management_only';

/** How an enrolled device stands in management, as far as this rule asks. */
export interface EnrolledStanding {
  /** Through which registration it was set up: such a device is nobody's own. */
  registrationId: string | null;
  /** How it belongs to the directory; null: it has not joined. */
  join: 'AzureAd' | 'ServerAd' | 'Workplace' | null;
}

/** Workplace-joined devices, and those that are enrolled without having joined, are personal: registering would make them the company's. */
export function personalVerdict({ registrationId, join }: EnrolledStanding): PersonalVerdict | null {
  if (registrationId !== null) return null;
  if (join === null) return 'management_only';
  return join === 'Workplace' ? 'workplace_joined' : null;
}

/** The verdict on a row whose object the directory refuses to make, because it knows the device as joined. */
export function joinedVerdict(trustType: string | null): 'already_joined' | 'workplace_joined' {
  return trustType === 'Workplace' ? 'workplace_joined' : 'already_joined';
}

/**
 * Whether management is asked about the devices of a run before they are registered. Those of a tenant are in use already, so they may
 * be somebody's own; what makers and partners send is asked about in the directory alone, when it makes the objects.
 */
export function asksForPersonalDevices(kind: RunKind): boolean {
  return kind === 'import' || kind === 'surface_case' || kind === 'automatic_registration';
}
