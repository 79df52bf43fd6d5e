import { z } from 'zod';
import { assignmentDetailNames, assignmentStates, deploymentModes, deviceTypes } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageQuery } from './page.contract.js';

const detail = z.enum(assignmentDetailNames).nullable();

/** Which profile a device has, and since when it is known to have it. */
export const deviceProfile = z
  .strictObject({
    state: z.enum(assignmentStates),
    profileId: identifier.nullable().meta({ description: 'Null: the built-in default.' }),
    profileVersion: z.int().nullable(),
    assignedAt: moment.nullable(),
    detail,
  })
  .meta({ id: 'DeviceProfile' });
export type DeviceProfile = z.infer<typeof deviceProfile>;

/** A clause of a rule on a device, and what it found there. */
export interface RuleClauseView {
  clause: string;
  position: number;
  holds: boolean;
  found: string | null | string[];
  parts: RuleClauseView[];
}
export const ruleClause: z.ZodType<RuleClauseView> = z
  .strictObject({
    clause: z.string(),
    position: z.int(),
    holds: z.boolean(),
    found: z.union([z.string(), z.null(), z.array(z.string())]),
    get parts(): z.ZodArray<z.ZodType<RuleClauseView>> {
      return z.array(ruleClause);
    },
  })
  .meta({ id: 'RuleClause' });

export const ruleTrial = z
  .strictObject({ rule: z.string().max(10_000), deviceId: identifier })
  .meta({ id: 'RuleTrial' });
export type RuleTrial = z.input<typeof ruleTrial>;

export const ruleTrialView = z
  .strictObject({ member: z.boolean(), explanation: ruleClause })
  .meta({ id: 'RuleTrialResult' });
export type RuleTrialView = z.infer<typeof ruleTrialView>;

const namedProfile = z.strictObject({ id: identifier, displayName: z.string(), createdAt: z.string() });

/** Why a device has the profile it has: the rule, the membership, and what it won against. */
export const assignmentExplanation = z
  .strictObject({
    deviceId: identifier,
    current: z
      .strictObject({
        ...deviceProfile.shape,
        operationId: identifier.nullable().meta({ description: 'The run that decided it.' }),
        hardwareChangedAt: moment.nullable().meta({
          description:
            'Since when a fix is pending or attention required: other hardware was seen under the registration.',
        }),
        deliveredAt: moment.nullable().meta({ description: 'When the device last booted for the first time.' }),
        deliveredProfileId: identifier.nullable(),
        keptAfter: identifier
          .nullable()
          .meta({ description: 'The cancelled run that could not take it back any more.' }),
        putBackAfter: identifier
          .nullable()
          .meta({ description: 'The cancelled run after which this is again what it was.' }),
      })
      .nullable(),
    openOperationId: identifier.nullable().meta({ description: 'The run that may still move it.' }),
    due: z.strictObject({
      source: z.enum(['group', 'all_devices', 'built_in']),
      profile: namedProfile.nullable(),
      viaGroups: z.array(identifier),
      misfit: detail,
    }),
    memberships: z.array(z.strictObject({ groupId: identifier, displayName: z.string(), rule: ruleClause.nullable() })),
    competitors: z.array(
      z.strictObject({
        profile: namedProfile,
        lostBy: z.enum(['newer', 'excluded', 'all_devices']),
        groups: z.array(identifier),
      }),
    ),
    sentence: z.string(),
  })
  .meta({ id: 'AssignmentExplanation' });
export type AssignmentExplanationView = z.infer<typeof assignmentExplanation>;

/** A change to look at before it is made. */
export const plannedChange = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('groupRule'), groupId: identifier, rule: z.string().max(10_000) }),
    z.strictObject({
      kind: z.literal('groupMembers'),
      groupId: identifier,
      add: z.array(identifier).max(1_000).optional(),
      remove: z.array(identifier).max(1_000).optional(),
    }),
    z.strictObject({
      kind: z.literal('profileAssignments'),
      profileId: identifier,
      includedGroups: z.array(identifier).max(1_000),
      excludedGroups: z.array(identifier).max(1_000).optional(),
      allDevices: z.boolean().optional(),
    }),
    z.strictObject({
      kind: z.literal('profileSettings'),
      profileId: identifier,
      deviceType: z.enum(deviceTypes),
      deploymentMode: z.enum(deploymentModes),
    }),
  ])
  .meta({ id: 'PlannedChange' });
export type PlannedChangeBody = z.input<typeof plannedChange>;
export const previewQuery = z.strictObject(pageQuery);

const move = {
  fromProfileId: identifier.nullable(),
  toProfileId: identifier.nullable(),
  state: z.enum(assignmentStates).meta({ description: 'What the device would end in.' }),
  detail,
};

/** A device that would change. */
const previewedDevice = z
  .strictObject({ deviceId: identifier, serialNumber: z.string().nullable(), ...move })
  .meta({ id: 'PreviewedDevice' });

/** What a change would do. Nothing was written. */
export const assignmentPreview = z
  .strictObject({
    devices: z.int().meta({ description: 'Devices that were held against the changed rules.' }),
    notYetLookedAt: z.int().meta({ description: 'Registered so lately that the next run decides about them anyway.' }),
    changing: z.int(),
    moves: z.array(z.strictObject({ ...move, devices: z.int() })),
    value: z.array(previewedDevice),
    nextLink: z.url().optional().meta({ description: 'Send the same body there for the next devices.' }),
  })
  .meta({ id: 'AssignmentPreview' });
export type AssignmentPreviewView = z.infer<typeof assignmentPreview>;
