import { accept, refuse, type Decision } from '../decision.js';

/** What kind of tenant it is. */
export const tenantKinds = ['organisation', 'school'] as const;
export type TenantKind = (typeof tenantKinds)[number];

/** How a tenant's devices enrol and show. Source: domain.md 4, 12.4. */
export const ownershipOf = { organisation: 'company_owned', school: 'school_owned' } as const satisfies Record<
  TenantKind,
  string
>;

/** The words in which a tenant speaks of itself. Source: issue 7. */
export const wordsOf: Record<TenantKind, TenantWords> = {
  organisation: {
    tenant: 'organisation',
    administrator: 'device administrator',
    group: 'device group',
    member: 'user',
    ownership: 'company-owned',
    account: 'work account',
  },
  school: {
    tenant: 'school',
    administrator: 'school administrator',
    group: 'school group',
    member: 'student',
    ownership: 'school-owned',
    account: 'school account',
  },
};

export interface TenantWords {
  tenant: string;
  administrator: string;
  group: string;
  member: string;
  /** How its devices enrol and show. */
  ownership: string;
  account: string;
}

/** The rule of the group that has every device of a group tag. */
export function ruleForGroupTag(groupTag: string): string {
  const quoted = groupTag.replaceAll(/[`"]/g, (sign) => `\`${sign}`);
  return `(device.devicePhysicalIds -any (_ -eq "[OrderID]:${quoted}"))`;
}

/** Where nothing else is said, a school group is named for its tag. */
export function schoolGroupName(groupTag: string): string {
  return `Devices of ${groupTag}`;
}

/** A school group has one profile, so that a device never stands between two. */
export function mayGiveToSchoolGroup(
  profilesOfGroup: readonly string[],
  profileId: string,
): Decision<'given', 'education.group-has-profile'> {
  return profilesOfGroup.every((id) => id === profileId) ? accept('given') : refuse('education.group-has-profile');
}
