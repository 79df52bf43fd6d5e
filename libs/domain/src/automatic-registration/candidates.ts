import type { Rule } from '../membership/rule.js';
import { matches } from '../membership/matches.js';
import type { FoldedDevice } from '../membership/device-attributes.js';

/** What management says of a device that might be registered by itself. */
export interface EnrolledFacts {
  osFamily: string;
  osVersion: string;
  ownership: 'corporate' | 'school' | 'personal';
  retirePending: boolean;
}

/** Why an enrolled device is not registered automatically. */
export type NoCandidate = 'registered' | 'opted_out' | 'personal' | 'unsupported_windows' | 'leaving';

/** The oldest build that is still supported in one of its editions: Windows 10, version 1809. */
const oldestBuild = 17_763;

/**
 * Whether the service may register an enrolled device by itself: a supported Windows, corporate, not registered, and its owner did not
 * say no. Source: domain.md 1.6.
 *
 * @returns null for a candidate
 */
export function whyNoCandidate(device: EnrolledFacts, isRegistered: boolean, optedOut: boolean): NoCandidate | null {
  if (isRegistered) return 'registered';
  if (optedOut) return 'opted_out';
  if (device.retirePending) return 'leaving';
  if (device.ownership === 'personal') return 'personal';
  return isSupportedWindows(device) ? null : 'unsupported_windows';
}

function isSupportedWindows({ osFamily, osVersion }: EnrolledFacts): boolean {
  const [, build] = /^10\.0\.(\d+)(?:\.|$)/.exec(osVersion) ?? [];
  return osFamily === 'windows' && build !== undefined && Number(build) >= oldestBuild;
}

/** Whom a profile with "Convert all targeted devices" is given to. Named members are registered already, so only rules reach others. */
export interface ConversionTarget {
  allDevices: boolean;
  include: readonly Rule[];
  exclude: readonly Rule[];
}

/** Whether one of the profiles that convert devices is meant for this one. */
export function isTargeted(targets: readonly ConversionTarget[], device: FoldedDevice): boolean {
  const holds = (rules: readonly Rule[]) => rules.some((rule) => matches(rule, device));
  return targets.some(({ allDevices, include, exclude }) => (allDevices || holds(include)) && !holds(exclude));
}
