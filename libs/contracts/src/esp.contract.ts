import { z } from 'zod';
import { espLimits } from '@groundcrew/domain';
import { displayName, identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

const blockingApp = z.strictObject({ id: identifier, displayName });

/** Every setting of an Enrollment Status Page. What is wrong with them is told as a problem, not as a shape. */
export const espSettings = z
  .strictObject({
    showInstallationProgress: z.boolean(),
    installProgressTimeoutInMinutes: z.number(),
    customErrorMessage: z.string().max(100_000),
    allowLogCollectionOnInstallFailure: z.boolean(),
    trackInstallProgressForAutopilotOnly: z.boolean(),
    disableUserStatusTrackingAfterFirstUser: z.boolean(),
    installQualityUpdates: z.boolean().meta({ description: 'Windows 11 only.' }),
    blockDeviceUseUntilInstalled: z.boolean(),
    allowDeviceResetOnInstallFailure: z.boolean(),
    allowDeviceUseOnInstallFailure: z.boolean(),
    blockingApps: z
      .array(blockingApp)
      .max(1_000)
      .meta({ description: 'What the device waits for; empty: everything that is required.' }),
    allowNonBlockingAppInstallation: z.boolean(),
  })
  .meta({ id: 'EspSettings' });
const settingsChange = espSettings.partial().meta({ id: 'EspSettingsChange' });

const groups = z.array(identifier).max(1_000);
const description = z.string().max(espLimits.description);
const priority = z.int().min(1).max(espLimits.profiles).meta({ description: '1 is asked first.' });

export const newEsp = z
  .strictObject({
    id: identifier.optional().meta({ description: 'Made up where it is left out.' }),
    displayName,
    description: description.nullable().optional(),
    priority: priority.optional(),
    settings: settingsChange.optional(),
    deviceGroups: groups.optional(),
    userGroups: groups.optional(),
  })
  .meta({ id: 'NewEsp' });
export type NewEsp = z.input<typeof newEsp>;

/** What it names is changed; null clears; what it does not name stays. Lists are replaced. */
export const espChange = z
  .strictObject({
    displayName: displayName.optional(),
    description: description.nullable().optional(),
    priority: priority.optional(),
    settings: settingsChange.optional(),
    deviceGroups: groups.optional(),
    userGroups: groups.optional(),
  })
  .meta({ id: 'EspChange' });
export type EspChange = z.input<typeof espChange>;

export const espView = z
  .strictObject({
    id: identifier,
    tenantId: identifier,
    displayName: z.string(),
    description: z.string().nullable(),
    isDefault: z.boolean(),
    priority: z.int().nullable().meta({ description: 'Null for the default, which is asked last.' }),
    settings: espSettings,
    deviceGroups: z.array(identifier),
    userGroups: z.array(identifier),
    createdAt: moment,
    updatedAt: moment,
    etag: z.string(),
  })
  .meta({ id: 'Esp' });
export type EspView = z.infer<typeof espView>;
export const espPage = pageOf('EspPage', espView);

/** Every page but the default, in the order in which they are to be asked. */
export const espOrder = z
  .strictObject({ espIds: z.array(identifier).max(espLimits.profiles) })
  .meta({ id: 'EspOrder' });
export type EspOrderBody = z.input<typeof espOrder>;

export const espQuery = z.strictObject({
  userId: identifier.optional().meta({ description: 'Who is to sign in.' }),
});

/** Which page a device shows, why, and what it waits for. */
export const espResolutionView = z
  .strictObject({
    esp: espView,
    via: z.enum(['device', 'user', 'default']),
    viaGroups: z.array(identifier),
    userSkipped: z.boolean().meta({ description: 'Nobody signs in, so users were not asked about.' }),
    timeoutMinutes: z.int(),
    blockingApps: z.array(blockingApp),
    leftOut: z.array(blockingApp).meta({ description: 'Blocking applications that Windows 11 SE does not accept.' }),
    profileId: identifier.nullable().meta({ description: 'The profile that decides mode and join type.' }),
  })
  .meta({ id: 'EspResolution' });
export type EspResolutionView = z.infer<typeof espResolutionView>;

export const approvedApp = z.strictObject({ id: identifier, displayName }).meta({ id: 'NewApprovedApp' });
export type NewApprovedApp = z.input<typeof approvedApp>;
export const approvedAppView = z
  .strictObject({ id: identifier, displayName: z.string(), addedAt: moment })
  .meta({ id: 'ApprovedApp' });
export type ApprovedAppView = z.infer<typeof approvedAppView>;
export const approvedAppPage = pageOf('ApprovedAppPage', approvedAppView);

const members = z.array(identifier).max(10_000);
export const newUserGroup = z
  .strictObject({ id: identifier.optional(), displayName, memberIds: members.optional() })
  .meta({ id: 'NewUserGroup' });
export type NewUserGroup = z.input<typeof newUserGroup>;
export const userGroupChange = z
  .strictObject({ displayName: displayName.optional(), memberIds: members.optional() })
  .meta({ id: 'UserGroupChange' });
export type UserGroupChange = z.input<typeof userGroupChange>;
export const userGroupView = z
  .strictObject({
    id: identifier,
    displayName: z.string(),
    memberIds: z.array(identifier),
    createdAt: moment,
    etag: z.string(),
  })
  .meta({ id: 'UserGroup' });
export type UserGroupView = z.infer<typeof userGroupView>;
export const userGroupPage = pageOf('UserGroupPage', userGroupView);
