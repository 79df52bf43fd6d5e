import type { BrandingView, ProfileTargetsView, ProfileVersionView, ProfileView } from '@groundcrew/contracts';
import { oobeConfigOf, type ProfileSettings, type ProfileTargets } from '@groundcrew/domain';
import type { Profile, ProfileVersion, TenantBranding } from '@groundcrew/persistence';
import { momentOf } from '../routes/moments.js';
import { etagOf } from '../routes/versions.js';

export function toProfileView(profile: Profile): ProfileView {
  return {
    id: profile.id,
    tenantId: profile.tenantId,
    displayName: profile.displayName,
    description: profile.description,
    settings: settingsOf(profile.settings),
    oobeConfig: oobeConfigOf(profile.settings),
    version: profile.version,
    createdAt: momentOf(profile.createdAt),
    updatedAt: momentOf(profile.updatedAt),
    etag: etagOf(profile.version),
  };
}

export function toVersionView(version: ProfileVersion): ProfileVersionView {
  return { ...version, settings: settingsOf(version.settings), changedAt: momentOf(version.changedAt) };
}

export function toTargetsView(targets: ProfileTargets, version: number): ProfileTargetsView {
  return {
    includedGroups: [...targets.includedGroups],
    excludedGroups: [...targets.excludedGroups],
    allDevices: targets.allDevices,
    etag: etagOf(version),
  };
}

export function toBrandingView(branding: TenantBranding): BrandingView {
  const { displayName, logo, signInText, updatedAt, version } = branding;
  return { displayName, logo, signInText, updatedAt: momentOf(updatedAt), etag: etagOf(version) };
}

function settingsOf(settings: ProfileSettings): ProfileView['settings'] {
  return { ...settings, roleScopeTagIds: [...settings.roleScopeTagIds] };
}
