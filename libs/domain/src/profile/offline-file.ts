import { accept, refuse, type Decision } from '../decision.js';
import { oobeConfigOf } from './oobe-config.js';
import type { ProfileSettings } from './profile-settings.js';

/** The only name under which Windows looks for it. Source: domain.md 7.4. */
export const offlineFileName = 'AutopilotConfigurationFile.json';

export interface OfflineFileSource {
  profileId: string;
  displayName: string;
  settings: ProfileSettings;
  tenantId: string;
  /** The tenant's verified default domain. */
  tenantDomain: string;
}

/**
 * The file that an image carries to an existing device. It is of ASCII alone, because Windows ignores it otherwise, and it can only
 * tell of user-driven set-up.
 */
export function offlineFile(source: OfflineFileSource): Decision<string, 'profile.not-exportable'> {
  const { settings, tenantDomain } = source;
  if (settings.deploymentMode === 'self_deploying' || settings.deploymentMode === 'pre_provisioned') {
    return refuse('profile.not-exportable');
  }
  const forced = settings.escapeLinkHidden ? 1 : 0;
  const content = {
    Comment_File: `Profile ${source.displayName}`,
    Version: 2_049,
    ZtdCorrelationId: source.profileId,
    CloudAssignedTenantId: source.tenantId,
    CloudAssignedTenantDomain: tenantDomain,
    CloudAssignedDomainJoinMethod: settings.joinType === 'hybrid' ? 1 : 0,
    CloudAssignedOobeConfig: oobeConfigOf(settings),
    CloudAssignedForcedEnrollment: forced,
    CloudAssignedAadServerData: JSON.stringify({
      ZeroTouchConfig: {
        CloudAssignedTenantUpn: '',
        ForcedEnrollment: forced,
        CloudAssignedTenantDomain: tenantDomain,
      },
    }),
    CloudAssignedAutopilotUpdateDisabled: 1,
    CloudAssignedAutopilotUpdateTimeout: 1_800_000,
    ...(settings.deviceNameTemplate !== null && { CloudAssignedDeviceName: settings.deviceNameTemplate }),
    ...(settings.keyboardSelectionPageSkipped && {
      CloudAssignedLanguage: settings.locale,
      CloudAssignedRegion: 'os-default',
    }),
    ...(settings.hybridAzureADJoinSkipConnectivityCheck && { HybridJoinSkipDCConnectivityCheck: 1 }),
  };
  return accept(asciiOnly(JSON.stringify(content, null, 2)));
}

function asciiOnly(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
