import { z } from 'zod';
import { assignmentStates, fieldLimits } from '@groundcrew/domain';
import { displayName, identifier } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';
import { profileSettings } from './profile.contract.js';

export const newSchoolGroup = z
  .strictObject({
    groupTag: z.string().trim().min(1).max(fieldLimits.groupTag),
    displayName: displayName.optional().meta({ description: 'Named for its tag where it is left out.' }),
  })
  .meta({ id: 'NewSchoolGroup' });
export type NewSchoolGroup = z.input<typeof newSchoolGroup>;

/** A group tag of the school, and the group that has its devices. */
export const schoolGroupView = z
  .strictObject({
    groupTag: z.string(),
    devices: z.int().meta({ description: 'Registered devices with exactly this tag.' }),
    groupId: identifier.nullable().meta({ description: 'Null where no group has been made for the tag yet.' }),
    displayName: z.string().nullable(),
  })
  .meta({ id: 'SchoolGroup' });
export type SchoolGroupView = z.infer<typeof schoolGroupView>;
export const schoolGroupPage = pageOf('SchoolGroupPage', schoolGroupView);

/** The Windows device settings that reach the members of a school group, as of their last evaluation. */
export const schoolSettingsView = z
  .strictObject({
    groupId: identifier,
    displayName: z.string(),
    ownership: z.literal('school_owned'),
    members: z.int(),
    profiles: z.array(
      z.strictObject({
        profileId: identifier.nullable().meta({ description: 'Null for the built-in default.' }),
        displayName: z.string(),
        settings: profileSettings,
        ofThisGroup: z.boolean().meta({ description: 'Whether the profile is given to this very group.' }),
        devices: z.int(),
        states: z.partialRecord(z.enum(assignmentStates), z.int()),
      }),
    ),
    pages: z.array(
      z.strictObject({
        espId: identifier,
        displayName: z.string(),
        devices: z.int(),
        timeoutMinutes: z.int(),
        leftOut: z.array(z.string()).meta({ description: 'Blocking applications that Windows 11 SE does not accept.' }),
      }),
    ),
    branding: z.string().nullable(),
  })
  .meta({ id: 'SchoolSettings' });
export type SchoolSettingsView = z.infer<typeof schoolSettingsView>;
