import type { ProfileTargets } from './profile-target.js';

/** A profile that devices may come to have. */
export interface CandidateProfile {
  id: string;
  displayName: string;
  /** When it was created, in a form that sorts: the oldest wins, ids decide between equals. */
  createdAt: string;
  targets: ProfileTargets;
}

/** How a profile came to a device. */
export type ProfileSource = 'group' | 'all_devices' | 'built_in';

/** Which profile a device gets, and what else there was. */
export interface ProfileResolution<Profile extends CandidateProfile = CandidateProfile> {
  source: ProfileSource;
  /** Null for the built-in default. */
  profile: Profile | null;
  /** The groups of the device that the profile includes. */
  viaGroups: readonly string[];
  /** What would have reached the device, too, with the reason why it did not win. Oldest first. */
  competitors: readonly Competitor<Profile>[];
}

export interface Competitor<Profile extends CandidateProfile = CandidateProfile> {
  profile: Profile;
  lostBy: 'newer' | 'excluded' | 'all_devices';
  /** The groups by which it reaches the device, or by which the device is excluded from it. */
  groups: readonly string[];
}

/**
 * Which profile does a device get? Of those that include one of its groups, and exclude none, the oldest created; else the oldest that
 * is given to all devices, the tenant's default; else the built-in default. Source: domain.md 5.5.
 *
 * @param groups the groups that the device is a member of
 */
export function resolveProfile<Profile extends CandidateProfile>(
  groups: ReadonlySet<string>,
  candidates: readonly Profile[],
): ProfileResolution<Profile> {
  const reaching: Reaching<Profile>[] = [];
  const excluded: Competitor<Profile>[] = [];
  for (const profile of [...candidates].sort(olderFirst)) {
    const { includedGroups, excludedGroups, allDevices } = profile.targets;
    const via = includedGroups.filter((group) => groups.has(group));
    const against = excludedGroups.filter((group) => groups.has(group));
    if (via.length === 0 && !allDevices) continue;
    if (against.length > 0) excluded.push({ profile, lostBy: 'excluded', groups: against });
    else reaching.push({ profile, via });
  }
  const winner = reaching.find(({ via }) => via.length > 0) ?? reaching[0];
  if (winner === undefined) return { source: 'built_in', profile: null, viaGroups: [], competitors: excluded };
  const beaten = reaching
    .filter((each) => each !== winner)
    .map((each): Competitor<Profile> => ({ profile: each.profile, lostBy: lostBy(each, winner), groups: each.via }));
  return {
    source: winner.via.length > 0 ? 'group' : 'all_devices',
    profile: winner.profile,
    viaGroups: winner.via,
    competitors: [...beaten, ...excluded].sort((left, right) => olderFirst(left.profile, right.profile)),
  };
}

interface Reaching<Profile> {
  profile: Profile;
  via: readonly string[];
}

/** What is given to all devices gives way to what is given to a group, however old it is. */
function lostBy<Profile>(beaten: Reaching<Profile>, winner: Reaching<Profile>): Competitor['lostBy'] {
  return beaten.via.length === 0 && winner.via.length > 0 ? 'all_devices' : 'newer';
}

function olderFirst(left: CandidateProfile, right: CandidateProfile): number {
  if (left.createdAt !== right.createdAt) return left.createdAt < right.createdAt ? -1 : 1;
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}
