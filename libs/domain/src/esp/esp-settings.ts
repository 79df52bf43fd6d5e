/** An application that a device waits for. */
export interface BlockingApp {
  id: string;
  displayName: string;
}

/** The Enrollment Status Page's settings, by the names of the modelled API. Source: domain.md 6.1. */
export interface EspSettings {
  showInstallationProgress: boolean;
  installProgressTimeoutInMinutes: number;
  customErrorMessage: string;
  allowLogCollectionOnInstallFailure: boolean;
  /** "Only show page to devices provisioned by the out-of-box experience." */
  trackInstallProgressForAutopilotOnly: boolean;
  /** Yes: the user phase is shown to the first user only. */
  disableUserStatusTrackingAfterFirstUser: boolean;
  /** Windows 11 only. */
  installQualityUpdates: boolean;
  /** "Block device use until all apps and profiles are installed", as the interface says it: not inverted. */
  blockDeviceUseUntilInstalled: boolean;
  allowDeviceResetOnInstallFailure: boolean;
  allowDeviceUseOnInstallFailure: boolean;
  /** What blocks; empty: everything that is required does. It installs nothing. */
  blockingApps: readonly BlockingApp[];
  /** "Only fail selected blocking apps in technician phase." */
  allowNonBlockingAppInstallation: boolean;
}

/** Bounds: profiles count the default one. Source: domain.md 6.1, 6.2. */
export const espLimits = {
  profiles: 51,
  blockingApps: 100,
  customErrorMessage: 10_000,
  displayName: 200,
  description: 1_500,
  timeoutMinutes: 1_440,
} as const;

const usualMessage = 'Setup could not be completed. Please try again or contact your support person for help.';

/** What a new page has where its administrator says nothing. */
export const newEspSettings: EspSettings = {
  showInstallationProgress: false,
  installProgressTimeoutInMinutes: 60,
  customErrorMessage: usualMessage,
  allowLogCollectionOnInstallFailure: false,
  trackInstallProgressForAutopilotOnly: false,
  disableUserStatusTrackingAfterFirstUser: false,
  installQualityUpdates: true,
  blockDeviceUseUntilInstalled: false,
  allowDeviceResetOnInstallFailure: false,
  allowDeviceUseOnInstallFailure: false,
  blockingApps: [],
  allowNonBlockingAppInstallation: false,
};

/** The page of every tenant that nobody has to create: for all users and all devices, and always last. */
export const defaultEsp = {
  displayName: 'All users and all devices',
  settings: { ...newEspSettings, installQualityUpdates: false },
} as const;

export type EspIssueCode =
  'esp.timeout' | 'esp.message-too-long' | 'esp.too-many-apps' | 'esp.app-twice' | 'esp.page-hidden';

/** What is wrong with a page, and with which of its fields. */
export interface EspIssue {
  code: EspIssueCode;
  field: keyof EspSettings;
  message: string;
}

/** Everything that is wrong with a page's settings. */
export function espIssues(settings: EspSettings): EspIssue[] {
  const issues: EspIssue[] = [];
  const about = (code: EspIssueCode, field: keyof EspSettings, message: string) =>
    issues.push({ code, field, message });
  const minutes = settings.installProgressTimeoutInMinutes;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > espLimits.timeoutMinutes) {
    about(
      'esp.timeout',
      'installProgressTimeoutInMinutes',
      `A whole number of minutes from 1 to ${espLimits.timeoutMinutes}.`,
    );
  }
  if (settings.customErrorMessage.length > espLimits.customErrorMessage) {
    about('esp.message-too-long', 'customErrorMessage', `At most ${espLimits.customErrorMessage} characters.`);
  }
  if (settings.blockingApps.length > espLimits.blockingApps) {
    about('esp.too-many-apps', 'blockingApps', `At most ${espLimits.blockingApps} applications block.`);
  }
  if (new Set(settings.blockingApps.map((app) => app.id)).size < settings.blockingApps.length) {
    about('esp.app-twice', 'blockingApps', 'An application stands twice in the list.');
  }
  if (!settings.showInstallationProgress && settings.blockDeviceUseUntilInstalled) {
    about('esp.page-hidden', 'blockDeviceUseUntilInstalled', 'A page that is not shown cannot hold anybody back.');
  }
  return issues;
}
