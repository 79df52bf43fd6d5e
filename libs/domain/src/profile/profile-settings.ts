import type { DeviceType } from '../membership/device-attributes.js';

/** How a device is set up. Source: domain.md 5.4. */
export const deploymentModes = ['user_driven', 'self_deploying', 'pre_provisioned', 'existing_devices'] as const;
export type DeploymentMode = (typeof deploymentModes)[number];

/** Entra join, or hybrid join with an on-premises directory. */
export const joinTypes = ['entra', 'hybrid'] as const;
export type JoinType = (typeof joinTypes)[number];

export const userTypes = ['administrator', 'standard'] as const;
export type UserType = (typeof userTypes)[number];

/** Modes in which nobody signs in before the desktop is there. */
export function isUserless(mode: DeploymentMode): boolean {
  return mode === 'self_deploying' || mode === 'pre_provisioned';
}

/** The settings of the enrolment status screen that a profile carries for old clients. Source: domain.md 5.2. */
export interface LegacyStatusScreen {
  hideInstallationProgress: boolean;
  allowDeviceUseBeforeProfileAndAppInstallComplete: boolean;
  blockDeviceSetupRetryByUser: boolean;
  allowLogCollectionOnInstallFailure: boolean;
  customErrorMessage: string | null;
  installProgressTimeoutInMinutes: number;
  allowDeviceUseOnInstallFailure: boolean;
}

/** What a deployment profile decides, by the names of the modelled API. Source: domain.md 5.2. */
export interface ProfileSettings {
  deviceType: DeviceType;
  deploymentMode: DeploymentMode;
  joinType: JoinType;
  /** "Convert all targeted devices": devices that are enrolled already are registered by it. */
  hardwareHashExtractionEnabled: boolean;
  hybridAzureADJoinSkipConnectivityCheck: boolean;
  eulaHidden: boolean;
  privacySettingsHidden: boolean;
  /** Hides "change account"; what is shown instead is the tenant's branding. */
  escapeLinkHidden: boolean;
  /** Null where nobody signs in. */
  userType: UserType | null;
  preprovisioningAllowed: boolean;
  /** A language like en-US, `os-default`, or an empty text: the user selects. */
  locale: string;
  keyboardSelectionPageSkipped: boolean;
  deviceNameTemplate: string | null;
  roleScopeTagIds: readonly string[];
  /** The application that the device is told to enrol with. */
  managementServiceAppId: string | null;
  enrollmentStatusScreenSettings: LegacyStatusScreen | null;
}

/** A profile as its administrator writes it. */
export interface ProfileDraft {
  displayName: string;
  description: string | null;
  settings: ProfileSettings;
}

/** Bounds. Source: domain.md 5.1, 14. */
export const profileLimits = { profiles: 350, displayName: 200, description: 1_500, scopeTags: 50 } as const;

/** What a profile has where its administrator says nothing. The mode decides two of them. */
export function defaultSettings(deploymentMode: DeploymentMode = 'user_driven'): ProfileSettings {
  return {
    deviceType: 'windowsPc',
    deploymentMode,
    joinType: 'entra',
    hardwareHashExtractionEnabled: false,
    hybridAzureADJoinSkipConnectivityCheck: false,
    eulaHidden: false,
    privacySettingsHidden: false,
    escapeLinkHidden: false,
    userType: deploymentMode === 'self_deploying' ? null : 'administrator',
    preprovisioningAllowed: deploymentMode === 'pre_provisioned',
    locale: 'os-default',
    keyboardSelectionPageSkipped: false,
    deviceNameTemplate: null,
    roleScopeTagIds: [],
    managementServiceAppId: null,
    enrollmentStatusScreenSettings: null,
  };
}

/** What the built-in profile of a device that no other reaches has. Source: domain.md 5.5. */
export const builtInProfile = { displayName: 'Built-in default', settings: defaultSettings() } as const;

/**
 * Settings with a change laid over them; what the change does not name stays. A change of mode takes the two settings along that follow
 * from it, unless the change names them itself.
 */
export function mergeSettings(settings: ProfileSettings, change: Partial<ProfileSettings>): ProfileSettings {
  const mode = change.deploymentMode;
  if (mode === undefined || mode === settings.deploymentMode) return { ...settings, ...change };
  const followed = defaultSettings(mode);
  const userType = followed.userType === null ? null : (settings.userType ?? followed.userType);
  return { ...settings, userType, preprovisioningAllowed: followed.preprovisioningAllowed, ...change };
}
