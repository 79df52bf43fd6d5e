import type { SchoolSettingsView } from '@groundcrew/contracts';
import { builtInProfile, resolveEsp, type ProfileSettings } from '@groundcrew/domain';
import {
  approvedAmong,
  countAlikeMembers,
  findBranding,
  findGroup,
  findProfile,
  listEsps,
  profilesOfGroups,
  type AlikeMembers,
  type Unit,
} from '@groundcrew/persistence';

type ReachingProfile = SchoolSettingsView['profiles'][number];
type ReachingPage = SchoolSettingsView['pages'][number];

/** What reaches the members of a school group, and how many of them; null where there is no such group. */
export async function readSchoolSettings(
  unit: Unit,
  tenantId: string,
  groupId: string,
): Promise<SchoolSettingsView | null> {
  const group = await findGroup(unit, tenantId, groupId);
  if (group === null) return null;
  const members = await countAlikeMembers(unit, tenantId, groupId);
  const profiles = await profilesReaching(unit, tenantId, groupId, members);
  return {
    groupId,
    displayName: group.displayName,
    ownership: 'school_owned',
    members: members.reduce((sum, alike) => sum + alike.devices, 0),
    profiles,
    pages: await pagesReaching(unit, tenantId, profiles, members),
    branding: (await findBranding(unit, tenantId))?.displayName ?? null,
  };
}

async function profilesReaching(
  unit: Unit,
  tenantId: string,
  groupId: string,
  members: readonly AlikeMembers[],
): Promise<ReachingProfile[]> {
  const given = (await profilesOfGroups(unit, tenantId, [groupId])).map((each) => each.profileId);
  const reaching = new Map<string | null, ReachingProfile>();
  // The group's own profile is shown also while it reaches nobody yet.
  for (const profileId of [...given, ...members.map((alike) => alike.profileId)]) {
    if (reaching.has(profileId)) continue;
    const profile = profileId === null ? null : await findProfile(unit, tenantId, profileId);
    const { displayName, settings } = profile ?? builtInProfile;
    reaching.set(profileId, {
      profileId,
      displayName,
      settings: { ...settings, roleScopeTagIds: [...settings.roleScopeTagIds] },
      ofThisGroup: profileId !== null && given.includes(profileId),
      devices: 0,
      states: {},
    });
  }
  for (const { profileId, state, devices } of members) {
    const profile = reaching.get(profileId)!;
    profile.devices += devices;
    profile.states[state] = (profile.states[state] ?? 0) + devices;
  }
  return [...reaching.values()];
}

async function pagesReaching(
  unit: Unit,
  tenantId: string,
  profiles: readonly ReachingProfile[],
  members: readonly AlikeMembers[],
): Promise<ReachingPage[]> {
  const candidates = (await listEsps(unit, tenantId)).map((esp) => ({ ...esp, groups: esp.deviceGroups }));
  const apps = candidates.flatMap((esp) => esp.settings.blockingApps.map((app) => app.id));
  const approvedApps = await approvedAmong(unit, tenantId, apps);
  const settingsOf = new Map(profiles.map(({ profileId, settings }) => [profileId, settings as ProfileSettings]));
  const reaching = new Map<string, ReachingPage>();
  for (const { profileId, groupIds, osFamily, devices } of members) {
    const { deploymentMode, joinType } = settingsOf.get(profileId)!;
    const { esp, timeoutMinutes, leftOut } = resolveEsp(
      { deviceGroups: new Set(groupIds), userGroups: null, deploymentMode, joinType, osFamily, approvedApps },
      candidates,
      candidates.at(-1)!,
    );
    const names = leftOut.map((app) => app.displayName);
    const key = JSON.stringify([esp.id, timeoutMinutes, names]);
    const page = reaching.get(key);
    if (page === undefined) {
      reaching.set(key, { espId: esp.id, displayName: esp.displayName, devices, timeoutMinutes, leftOut: names });
    } else {
      page.devices += devices;
    }
  }
  return [...reaching.values()];
}
