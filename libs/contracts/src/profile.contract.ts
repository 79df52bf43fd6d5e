import { z } from 'zod';
import {
  assignmentDetailNames,
  brandingLimits,
  deploymentModes,
  deviceTypes,
  factSources,
  joinTypes,
  logoTypes,
  osFamilies,
  tpmVersions,
  userTypes,
} from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

const statusScreen = z
  .strictObject({
    hideInstallationProgress: z.boolean(),
    allowDeviceUseBeforeProfileAndAppInstallComplete: z.boolean(),
    blockDeviceSetupRetryByUser: z.boolean(),
    allowLogCollectionOnInstallFailure: z.boolean(),
    customErrorMessage: z.string().max(10_000).nullable(),
    installProgressTimeoutInMinutes: z.int(),
    allowDeviceUseOnInstallFailure: z.boolean(),
  })
  .meta({ id: 'LegacyStatusScreen' });

/** Every setting of a profile. What is wrong with their combination is told as a problem, not as a shape. */
export const profileSettings = z
  .strictObject({
    deviceType: z.enum(deviceTypes),
    deploymentMode: z.enum(deploymentModes),
    joinType: z.enum(joinTypes),
    hardwareHashExtractionEnabled: z.boolean().meta({ description: 'Convert all targeted devices.' }),
    hybridAzureADJoinSkipConnectivityCheck: z.boolean(),
    eulaHidden: z.boolean(),
    privacySettingsHidden: z.boolean(),
    escapeLinkHidden: z.boolean().meta({ description: 'Hides "change account"; needs branding.' }),
    userType: z.enum(userTypes).nullable().meta({ description: 'Null where nobody signs in.' }),
    preprovisioningAllowed: z.boolean(),
    locale: z.string().max(35).meta({ description: 'en-US, os-default, or empty: the user selects.' }),
    keyboardSelectionPageSkipped: z.boolean(),
    deviceNameTemplate: z.string().max(100).nullable(),
    roleScopeTagIds: z.array(z.string().min(1).max(100)).max(1_000),
    managementServiceAppId: identifier.nullable(),
    enrollmentStatusScreenSettings: statusScreen.nullable(),
  })
  .meta({ id: 'ProfileSettings' });
const settingsChange = profileSettings.partial().meta({ id: 'ProfileSettingsChange' });

// Lengths of names are the rules' to judge, which say more; these bounds only keep out what is no name at all.
const name = z.string().max(1_000);
const text = z.string().max(10_000);

export const newProfile = z
  .strictObject({
    id: identifier.optional().meta({ description: 'Made up where it is left out.' }),
    displayName: name,
    description: text.nullable().optional(),
    settings: settingsChange.optional().meta({ description: 'What is left out has its default.' }),
  })
  .meta({ id: 'NewProfile' });
export type NewProfile = z.input<typeof newProfile>;

/** What it names is changed; null clears; what it does not name stays. */
export const profileChange = z
  .strictObject({
    displayName: name.optional(),
    description: text.nullable().optional(),
    settings: settingsChange.optional(),
  })
  .meta({ id: 'ProfileChange' });
export type ProfileChange = z.input<typeof profileChange>;

const profileShape = {
  id: identifier,
  tenantId: identifier,
  displayName: z.string(),
  description: z.string().nullable(),
  settings: profileSettings,
  oobeConfig: z.int().meta({ description: 'CloudAssignedOobeConfig: the settings as the device reads them.' }),
  version: z.int(),
  createdAt: moment,
  updatedAt: moment,
  etag: z.string(),
};
export const profileView = z.strictObject(profileShape).meta({ id: 'Profile' });
export type ProfileView = z.infer<typeof profileView>;
export const profilePage = pageOf('ProfilePage', profileView);

const targetsShape = {
  includedGroups: z.array(identifier).max(1_000),
  excludedGroups: z.array(identifier).max(1_000),
  allDevices: z.boolean(),
};

/** To whom a profile is given. Its version is its own. */
export const profileTargetsView = z.strictObject({ ...targetsShape, etag: z.string() }).meta({ id: 'ProfileTargets' });
export type ProfileTargetsView = z.infer<typeof profileTargetsView>;

/** What it names is replaced, what it does not name stays. */
export const profileTargetsChange = z.strictObject(targetsShape).partial().meta({ id: 'ProfileTargetsChange' });
export type ProfileTargetsChange = z.input<typeof profileTargetsChange>;

/** The answer to a change of targets names the run that will move devices. */
export const profileTargetsAnswer = z
  .strictObject({ ...targetsShape, operationId: identifier.nullable(), etag: z.string() })
  .meta({ id: 'ProfileTargetsChanged' });
export type ProfileTargetsAnswer = z.infer<typeof profileTargetsAnswer>;

const brandingShape = {
  displayName: z.string().trim().min(1).max(brandingLimits.displayName),
  logo: z
    .strictObject({
      mediaType: z.enum(logoTypes),
      data: z.base64().max(Math.ceil((brandingLimits.logoBytes * 4) / 3) + 4),
    })
    .nullable(),
  signInText: z.string().max(brandingLimits.signInText).nullable(),
};
export const brandingView = z
  .strictObject({ ...brandingShape, updatedAt: moment, etag: z.string() })
  .meta({ id: 'Branding' });
export type BrandingView = z.infer<typeof brandingView>;

/** Merged into what is there; the first one has to name the tenant. */
export const brandingChange = z.strictObject(brandingShape).partial().meta({ id: 'BrandingChange' });
export type BrandingChange = z.input<typeof brandingChange>;

/** A profile with what travels with it, and whom it is given to. */
export const profileRecord = z
  .strictObject({
    ...profileShape,
    targets: profileTargetsView,
    branding: brandingView.nullable().meta({ description: 'What the device shows beside it.' }),
  })
  .meta({ id: 'ProfileRecord' });
export type ProfileRecord = z.infer<typeof profileRecord>;

export const profileVersionView = z
  .strictObject({
    version: z.int(),
    displayName: z.string(),
    description: z.string().nullable(),
    settings: profileSettings,
    deleted: z.boolean(),
    changedBy: z.string(),
    changedAt: moment,
  })
  .meta({ id: 'ProfileVersion' });
export type ProfileVersionView = z.infer<typeof profileVersionView>;
export const profileVersionPage = pageOf('ProfileVersionPage', profileVersionView);

export const offlineFileQuery = z.strictObject({
  tenantDomain: z
    .string()
    .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i)
    .optional()
    .meta({ description: "The tenant's verified default domain. Required." }),
});

/** What is known of a device's platform; null where nobody said. */
const factsShape = {
  osFamily: z.enum(osFamilies).nullable(),
  deviceType: z.enum(deviceTypes).nullable(),
  tpmVersion: z.enum(tpmVersions).nullable(),
};
const factSource = z.enum(factSources).nullable();
export const deviceFactsView = z
  .strictObject({
    ...factsShape,
    sources: z.strictObject({ osFamily: factSource, deviceType: factSource, tpmVersion: factSource }).meta({
      description: 'Whose word each is; of several the one further in front counts: admin, management, import, hash.',
    }),
    etag: z.string(),
  })
  .meta({ id: 'DeviceFacts' });
export type DeviceFactsView = z.infer<typeof deviceFactsView>;
export const deviceFactsChange = z.strictObject(factsShape).partial().meta({ id: 'DeviceFactsChange' });
export type DeviceFactsChange = z.input<typeof deviceFactsChange>;

/** The details of a failed assignment, for whoever shows one. */
export const assignmentDetail = z.enum(assignmentDetailNames);
