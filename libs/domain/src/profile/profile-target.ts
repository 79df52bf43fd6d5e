import { accept, refuse, type Decision } from '../decision.js';
import type { DeploymentMode } from './profile-settings.js';

/** To whom a profile is given: groups that it includes and excludes, or all devices. Source: domain.md 5.5. */
export interface ProfileTargets {
  includedGroups: readonly string[];
  excludedGroups: readonly string[];
  allDevices: boolean;
}

export const untargeted: ProfileTargets = { includedGroups: [], excludedGroups: [], allDevices: false };

export type TargetRefusal =
  'profile.exclusion-of-all-devices' | 'profile.group-twice' | 'profile.not-assignable' | 'education.group-has-profile';

/**
 * May the profile be given to these? Excluding from all devices is not supported by the modelled service and does harm there; a group
 * is included or excluded. What is made for existing devices travels in a file, never over the wire.
 */
export function checkTargets(targets: ProfileTargets, mode: DeploymentMode): Decision<ProfileTargets, TargetRefusal> {
  if (mode === 'existing_devices' && hasTargets(targets)) return refuse('profile.not-assignable');
  if (targets.allDevices && targets.excludedGroups.length > 0) return refuse('profile.exclusion-of-all-devices');
  const all = [...targets.includedGroups, ...targets.excludedGroups];
  return new Set(all).size === all.length ? accept(targets) : refuse('profile.group-twice');
}

/** Whether the profile is assigned at all; one that is cannot be deleted. */
export function hasTargets({ includedGroups, excludedGroups, allDevices }: ProfileTargets): boolean {
  return allDevices || includedGroups.length > 0 || excludedGroups.length > 0;
}
