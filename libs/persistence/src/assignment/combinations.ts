import {
  deviceTypes,
  foldText,
  misfitOf,
  osFamilies,
  resolveProfile,
  type AssignmentDetail,
  type DeviceFacts,
  type ProfileResolution,
  type TpmVersion,
} from '@groundcrew/domain';
import { ruleToSql } from '../membership/rule-sql.js';
import type { AssignableProfile, AssignmentRules, MemberGroup } from './assignment-rules.js';

/** What devices have in common that the decision depends on: which groups they are in, and what is known of their platform. */
export interface Combination {
  /** By this number, which is too large for JavaScript's own, devices refer to it. */
  combination: string;
  /** Places of groups in the rules' list, from 1. */
  groups: readonly number[];
  os_family: string | null;
  device_type: string | null;
  tpm: TpmVersion | null;
}

/** What the devices of a combination are due. */
export interface DueAssignment {
  combination: string;
  state: 'unassigned' | 'assigning' | 'failed';
  profileId: string | null;
  profileVersion: number | null;
  source: 'group' | 'all_devices' | 'built_in';
  viaGroupId: string | null;
  detail: AssignmentDetail | null;
  groupIds: readonly string[];
}

/** Pieces of SQL with the values of their placeholders. */
export interface PlacesOfGroups {
  /** An array of places, of the row `f`. */
  text: string;
  /** What has to be joined to the row for it. */
  join: string;
  values: unknown[];
}

/**
 * Which groups a device is in, as an array of their places in the list: for each rule a condition on the row of attributes `f`, and for
 * groups with named members one look. A device's row is read once, however many rules there are.
 *
 * @param among a condition on the device of the membership `m`, so that those of others are not read
 * @param tenant the placeholder that is the tenant
 * @param firstParameter the number of the first placeholder that is free
 */
export function placesOfGroups(
  groups: readonly MemberGroup[],
  tenant: string,
  firstParameter: number,
  among = 'true',
): PlacesOfGroups {
  const values: unknown[] = [];
  const parts: string[] = [];
  let join = '';
  const cases = groups.flatMap(({ id, rule, planned }, index) => {
    if (planned !== undefined) {
      values.push(id, planned.add, planned.remove);
      const [group, add, remove] = [3, 2, 1].map((back) => `$${firstParameter + values.length - back}`);
      const named = `exists (select 1 from registry.device_group_member m
        where m.tenant_id = ${tenant} and m.device_id = f.device_id and m.group_id = ${group}::uuid)`;
      return [
        `case when f.device_id = any (${add}::uuid[]) or (${named} and f.device_id <> all (${remove}::uuid[])) then ${index + 1} end`,
      ];
    }
    if (rule === null) return [];
    const condition = ruleToSql(rule, 'f', firstParameter + values.length);
    values.push(...condition.values);
    return [`case when ${condition.text} then ${index + 1} end`];
  });
  if (cases.length > 0) parts.push(`array_remove(array[${cases.join(', ')}]::integer[], null)`);
  if (groups.some(({ rule, planned }) => rule === null && planned === undefined)) {
    // A place that is null is never found: groups that are decided above are not looked up here.
    values.push(groups.map(({ id, rule, planned }) => (rule === null && planned === undefined ? id : null)));
    const ids = `$${firstParameter + values.length - 1}::uuid[]`;
    join = `left join (select m.device_id, array_agg(array_position(${ids}, m.group_id) order by m.group_id) as places
        from registry.device_group_member m
        where m.tenant_id = ${tenant} and m.group_id = any (${ids}) and ${among} group by m.device_id) as named
      on named.device_id = f.device_id`;
    parts.push(`coalesce(named.places, '{}')`);
  }
  return { text: parts.length === 0 ? `'{}'::integer[]` : parts.join(' || '), join, values };
}

/** Decides for all devices of a combination at once. The rules are the domain's; nothing of a single device enters. */
export function decideFor(combination: Combination, rules: AssignmentRules): DueAssignment {
  const { groupIds, resolution, misfit } = resolved(combination, rules);
  const { profile, source, viaGroups } = resolution;
  return {
    combination: combination.combination,
    state: profile === null ? 'unassigned' : misfit === null ? 'assigning' : 'failed',
    profileId: profile?.id ?? null,
    profileVersion: profile?.version ?? null,
    source,
    viaGroupId: viaGroups[0] ?? null,
    detail: misfit,
    groupIds,
  };
}

/** The same with everything that speaks for and against it. */
export function resolved(
  { groups, ...platform }: Omit<Combination, 'combination'>,
  rules: AssignmentRules,
): { groupIds: string[]; resolution: ProfileResolution<AssignableProfile>; misfit: AssignmentDetail | null } {
  const groupIds = groups.map((place) => rules.groups[place - 1]!.id).sort();
  const resolution = resolveProfile(new Set(groupIds), rules.profiles);
  const misfit = resolution.profile === null ? null : misfitOf(factsOf(platform), resolution.profile);
  return { groupIds, resolution, misfit };
}

/** What stands folded beside other texts is one of a short list, so it is known what it was. */
function factsOf({ os_family, device_type, tpm }: Pick<Combination, 'os_family' | 'device_type' | 'tpm'>): DeviceFacts {
  return {
    osFamily: osFamilies.find((family) => foldText(family) === os_family) ?? null,
    deviceType: deviceTypes.find((type) => foldText(type) === device_type) ?? null,
    tpmVersion: tpm,
  };
}
