import { parseNameTemplate, type NameFaultCode } from './name-template.js';
import { isUserless, profileLimits, type ProfileDraft, type ProfileSettings } from './profile-settings.js';

export type ProfileIssueCode =
  | 'profile.name-empty'
  | 'profile.name-too-long'
  | 'profile.name-reserved'
  | 'profile.name-character'
  | 'profile.description-too-long'
  | 'profile.join-type'
  | 'profile.hybrid-only'
  | 'profile.user-type'
  | 'profile.preprovisioning'
  | 'profile.locale'
  | 'profile.keyboard-needs-language'
  | 'profile.branding-missing'
  | 'profile.device-type'
  | 'profile.conversion'
  | 'profile.scope-tags'
  | 'profile.status-screen'
  | NameFaultCode;

/** What is wrong with a profile, and with which of its fields. */
export interface ProfileIssue {
  code: ProfileIssueCode;
  field: 'displayName' | 'description' | keyof ProfileSettings;
  message: string;
}

/** What a profile is held against beside itself. */
export interface ProfileSurroundings {
  /** Whether the tenant has branding that can be shown instead of hidden account options. */
  branded: boolean;
}

/** Everything that is wrong with a profile; nothing where it can be saved. Source: domain.md 5. */
export function profileIssues(draft: ProfileDraft, surroundings: ProfileSurroundings): ProfileIssue[] {
  return [
    ...nameIssues(draft),
    ...modeIssues(draft.settings),
    ...deviceTypeIssues(draft.settings),
    ...pageIssues(draft.settings, surroundings),
    ...namingIssues(draft.settings),
  ];
}

/** What marks a group of devices that were set up from a file; a real profile never has it. Source: domain.md 5.1. */
const reservedPrefix = 'offlineautopilotprofile-';

function nameIssues({ displayName, description, settings }: ProfileDraft): ProfileIssue[] {
  const issues: ProfileIssue[] = [];
  const about = (code: ProfileIssueCode, field: ProfileIssue['field'], message: string) =>
    issues.push({ code, field, message });
  if (displayName.trim() === '') about('profile.name-empty', 'displayName', 'A profile has a name.');
  if (displayName.length > profileLimits.displayName) {
    about('profile.name-too-long', 'displayName', `A name has at most ${profileLimits.displayName} characters.`);
  }
  if (displayName.trim().toLowerCase().startsWith(reservedPrefix)) {
    about(
      'profile.name-reserved',
      'displayName',
      'Names that begin with OfflineAutopilotprofile- mark devices set up from a file.',
    );
  }
  if (hasControlCharacter(displayName)) {
    about('profile.name-character', 'displayName', 'A name has no control characters.');
  }
  if ((description ?? '').length > profileLimits.description) {
    about(
      'profile.description-too-long',
      'description',
      `A description has at most ${profileLimits.description} characters.`,
    );
  }
  if (settings.roleScopeTagIds.length > profileLimits.scopeTags) {
    about('profile.scope-tags', 'roleScopeTagIds', `At most ${profileLimits.scopeTags} scope tags.`);
  }
  return issues;
}

function modeIssues(settings: ProfileSettings): ProfileIssue[] {
  const issues: ProfileIssue[] = [];
  const { deploymentMode: mode, joinType } = settings;
  if (mode === 'self_deploying' && joinType !== 'entra') {
    issues.push({ code: 'profile.join-type', field: 'joinType', message: 'Self-deploying devices join Entra only.' });
  }
  if (joinType !== 'hybrid' && settings.hybridAzureADJoinSkipConnectivityCheck) {
    issues.push({
      code: 'profile.hybrid-only',
      field: 'hybridAzureADJoinSkipConnectivityCheck',
      message: 'There is a connectivity check to skip for hybrid join only.',
    });
  }
  if ((mode === 'self_deploying') !== (settings.userType === null)) {
    const message =
      mode === 'self_deploying' ? 'Nobody signs in: leave the user type out (null).' : 'Whoever signs in has a type.';
    issues.push({ code: 'profile.user-type', field: 'userType', message });
  }
  if (settings.preprovisioningAllowed !== (mode === 'pre_provisioned')) {
    issues.push({
      code: 'profile.preprovisioning',
      field: 'preprovisioningAllowed',
      message: 'Pre-provisioning is allowed by the mode pre_provisioned, and by it alone.',
    });
  }
  return issues;
}

/** HoloLens deploys itself, joins Entra and is not converted; a virtual machine cannot attest. Source: domain.md 1.6, 5.4. */
function deviceTypeIssues(settings: ProfileSettings): ProfileIssue[] {
  const issues: ProfileIssue[] = [];
  if (settings.deviceType === 'holoLens') {
    if (settings.deploymentMode !== 'self_deploying') {
      issues.push({
        code: 'profile.device-type',
        field: 'deploymentMode',
        message: 'HoloLens is self-deploying only.',
      });
    }
    if (settings.joinType !== 'entra') {
      issues.push({ code: 'profile.device-type', field: 'joinType', message: 'HoloLens joins Entra only.' });
    }
    if (settings.hardwareHashExtractionEnabled) {
      const message = 'HoloLens devices cannot be converted.';
      issues.push({ code: 'profile.conversion', field: 'hardwareHashExtractionEnabled', message });
    }
  }
  if (settings.deviceType === 'virtualMachine' && isUserless(settings.deploymentMode)) {
    const message = 'A virtual machine has no TPM that could attest: it is set up by its user.';
    issues.push({ code: 'profile.device-type', field: 'deploymentMode', message });
  }
  return issues;
}

function pageIssues(settings: ProfileSettings, { branded }: ProfileSurroundings): ProfileIssue[] {
  const issues: ProfileIssue[] = [];
  if (settings.escapeLinkHidden && !branded) {
    const message = 'Hiding the account options needs the branding of the tenant, which is shown instead.';
    issues.push({ code: 'profile.branding-missing', field: 'escapeLinkHidden', message });
  }
  if (!/^$|^os-default$|^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/.test(settings.locale)) {
    const message =
      'A language is written like en-US; os-default and an empty text (the user selects) are taken as well.';
    issues.push({ code: 'profile.locale', field: 'locale', message });
  }
  if (settings.keyboardSelectionPageSkipped && settings.locale === '') {
    const message = 'The keyboard follows the language: it can be skipped only where a language is set.';
    issues.push({ code: 'profile.keyboard-needs-language', field: 'keyboardSelectionPageSkipped', message });
  }
  const screen = settings.enrollmentStatusScreenSettings;
  if (
    screen !== null &&
    (screen.installProgressTimeoutInMinutes < 1 || screen.installProgressTimeoutInMinutes > 1_440)
  ) {
    const message = 'The time-out is between 1 and 1440 minutes.';
    issues.push({ code: 'profile.status-screen', field: 'enrollmentStatusScreenSettings', message });
  }
  return issues;
}

/** With hybrid join the domain-join configuration names the device. Source: domain.md 5.3. */
function namingIssues({ deviceNameTemplate, joinType }: ProfileSettings): ProfileIssue[] {
  if (deviceNameTemplate === null) return [];
  const field = 'deviceNameTemplate';
  if (joinType === 'hybrid') {
    return [
      { code: 'profile.join-type', field, message: 'With hybrid join the domain-join configuration names the device.' },
    ];
  }
  const parsed = parseNameTemplate(deviceNameTemplate);
  return parsed.ok ? [] : [{ code: parsed.refusal.code, field, message: parsed.refusal.message }];
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((letter) => letter < ' ' || letter === '\u007f');
}
