import { z } from 'zod';
import { displayName, identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

const description = z.string().max(1_500).nullable();
// How long a rule may be is the rules' to say: they say more.
const rule = z.string().max(10_000).meta({ description: 'A membership rule, in the grammar of the directory.' });

export const newGroup = z
  .strictObject({
    id: identifier.optional().meta({ description: 'Made up where it is left out.' }),
    displayName,
    description: description.optional(),
    rule: rule.optional().meta({ description: 'With a rule the members follow from it; without one they are named.' }),
  })
  .meta({ id: 'NewGroup' });
export type NewGroup = z.input<typeof newGroup>;

/** What it names is changed; a description is cleared with null; what it does not name stays. */
export const groupChange = z
  .strictObject({ displayName: displayName.optional(), description: description.optional(), rule: rule.optional() })
  .meta({ id: 'GroupChange' });
export type GroupChange = z.input<typeof groupChange>;

const groupShape = {
  id: identifier,
  tenantId: identifier,
  displayName: z.string(),
  description: z.string().nullable(),
  membership: z.enum(['assigned', 'dynamic']),
  rule: z.string().nullable(),
  createdAt: moment,
  updatedAt: moment,
  etag: z.string(),
};
export const groupView = z.strictObject(groupShape).meta({ id: 'Group' });
export type GroupView = z.infer<typeof groupView>;
export const groupPage = pageOf('GroupPage', groupView);

/** A group after a change. The run will find its members and move their profiles; null where nothing can move. */
export const groupAnswer = z
  .strictObject({ ...groupShape, operationId: identifier.nullable() })
  .meta({ id: 'GroupChanged' });
export type GroupAnswer = z.infer<typeof groupAnswer>;

export const groupMemberView = z
  .strictObject({
    deviceId: identifier,
    serialNumber: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    groupTag: z.string().nullable(),
  })
  .meta({ id: 'GroupMember' });
export type GroupMemberView = z.infer<typeof groupMemberView>;
export const groupMemberPage = pageOf('GroupMemberPage', groupMemberView);

/** Devices to name as members, or to name no more. Exact ids only. */
export const memberChange = z
  .strictObject({ deviceIds: z.array(identifier).min(1).max(1_000) })
  .meta({ id: 'GroupMemberChange' });
export type MemberChange = z.input<typeof memberChange>;

export const memberAnswer = z
  .strictObject({
    changed: z.array(identifier).meta({ description: 'The devices whose membership changed.' }),
    operationId: identifier.nullable(),
  })
  .meta({ id: 'GroupMembersChanged' });
export type MemberAnswer = z.infer<typeof memberAnswer>;
