import type { ProfileTargetsView, ProfileView } from '@groundcrew/contracts';
import type { Cell } from '../output/table.js';

/** A profile for a person: what it says, setting by setting. */
export function factsOfProfile(profile: ProfileView): [string, Cell][] {
  return [
    ['Profile', profile.id],
    ['Name', profile.displayName],
    ['Description', profile.description],
    ['Version', profile.version],
    ['Created', profile.createdAt],
    ...Object.entries(profile.settings).map(([name, value]): [string, Cell] => [name, shown(value)]),
    ['CloudAssignedOobeConfig', profile.oobeConfig],
  ];
}

/** To whom a profile is given, for a person. */
export function factsOfTargets(targets: Omit<ProfileTargetsView, 'etag'>): [string, Cell][] {
  return [
    ['All devices', targets.allDevices ? 'yes' : 'no'],
    ['Includes', targets.includedGroups.join(', ') || null],
    ['Excludes', targets.excludedGroups.join(', ') || null],
  ];
}

function shown(value: unknown): Cell {
  if (value === null) return null;
  return typeof value === 'string' ? value || '(the user selects)' : JSON.stringify(value);
}
