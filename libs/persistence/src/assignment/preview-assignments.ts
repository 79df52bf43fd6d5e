import type { DeploymentMode, DeviceType, ProfileTargets, Rule } from '@groundcrew/domain';
import type { AskSql } from '../matching/candidate-index.js';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import { loadAssignmentRules, type AssignmentRules } from './assignment-rules.js';
import { decideFor, placesOfGroups, type Combination, type DueAssignment } from './combinations.js';

/** A change that is not saved yet. */
export type PlannedChange =
  | { kind: 'none' }
  /** The rule of a group. */
  | { kind: 'groupRule'; groupId: string; rule: Rule }
  /** Members of a group that are named or not any more. */
  | { kind: 'groupMembers'; groupId: string; add: readonly string[]; remove: readonly string[] }
  /** To whom a profile is given. */
  | { kind: 'profileTargets'; profileId: string; targets: ProfileTargets }
  /** What a profile asks of devices. It becomes another version. */
  | { kind: 'profileSettings'; profileId: string; deviceType: DeviceType; deploymentMode: DeploymentMode };

/** How many devices would move from which profile to which. */
export interface PreviewedMove {
  fromProfileId: string | null;
  toProfileId: string | null;
  state: DueAssignment['state'];
  detail: string | null;
  devices: number;
}

/** A device that would change. */
export interface PreviewedDevice {
  deviceId: string;
  serialNumber: string | null;
  fromProfileId: string | null;
  toProfileId: string | null;
  state: DueAssignment['state'];
  detail: string | null;
}

export interface AssignmentPreview {
  /** Devices that were looked at. */
  devices: number;
  /** Registered since, so that the run that opens next decides about them in any case. */
  notYetLookedAt: number;
  changing: number;
  moves: PreviewedMove[];
  page: Slice<PreviewedDevice>;
}

/**
 * What a change would do, by the same rules as a run, without writing anything: every device is held against the rules as they would be.
 *
 * @returns null where what is to change does not exist
 */
export async function previewAssignments(
  ask: AskSql,
  tenantId: string,
  change: PlannedChange,
  page: Keyset<string>,
): Promise<AssignmentPreview | null> {
  const present = await loadAssignmentRules(ask, tenantId);
  const rules = await afterChange(ask, tenantId, present, change);
  if (rules === null) return null;
  const places = placesOfGroups(rules.groups, '$1', 2);
  const evaluated = `select f.device_id, ${places.text} as groups, f.os_family, f.device_type, f.tpm
    from registry.device_attributes f ${places.join} where f.tenant_id = $1 offset 0`;
  const combinations = await ask<Combination & { devices: number }>(
    `select (row_number() over ())::text as combination, groups, os_family, device_type, tpm, count(*)::integer as devices
     from (${evaluated}) e group by groups, os_family, device_type, tpm`,
    [tenantId, ...places.values],
  );
  const due = combinations.map((combination) => decideFor(combination, rules));
  const values = [tenantId, ...places.values, ...columnsOf(combinations, due)];
  const changing = changingDevices(evaluated, 2 + places.values.length);
  const moves = await ask<PreviewedMove>(
    `${changing} select "fromProfileId", "toProfileId", state, detail, count(*)::integer as devices from changing
     group by 1, 2, 3, 4 order by 5 desc, 1, 2`,
    values,
  );
  const found = await ask<PreviewedDevice>(
    `${changing} select c.*, d.serial_number as "serialNumber" from changing c
     join registry.device d on d.tenant_id = $1 and d.id = c."deviceId"
     where $${values.length + 1}::uuid is null or c."deviceId" > $${values.length + 1}
     order by c."deviceId" limit $${values.length + 2}`,
    [...values, page.after, page.limit + 1],
  );
  const [other] = await ask<{ devices: number }>(
    `select count(*)::integer as devices from registry.device d where d.tenant_id = $1
       and not exists (select 1 from registry.device_attributes f where f.tenant_id = $1 and f.device_id = d.id)`,
    [tenantId],
  );
  return {
    devices: combinations.reduce((sum, { devices }) => sum + devices, 0),
    notYetLookedAt: other!.devices,
    changing: moves.reduce((sum, { devices }) => sum + devices, 0),
    moves,
    page: sliceOf(found, page.limit),
  };
}

/** The rules as they would be. */
async function afterChange(
  ask: AskSql,
  tenantId: string,
  rules: AssignmentRules,
  change: PlannedChange,
): Promise<AssignmentRules | null> {
  switch (change.kind) {
    case 'none':
      return rules;
    case 'groupRule': {
      const known = rules.groups.find(({ id }) => id === change.groupId);
      if (known === undefined || known.rule === null) return null;
      const groups = rules.groups.map((group) => (group === known ? { ...group, rule: change.rule } : group));
      return { ...rules, groups };
    }
    case 'groupMembers': {
      const known = rules.groups.find(({ id }) => id === change.groupId);
      if (known === undefined || known.rule !== null) return null;
      const { add, remove } = change;
      const groups = rules.groups.map((group) => (group === known ? { ...group, planned: { add, remove } } : group));
      return { ...rules, groups };
    }
    case 'profileTargets':
    case 'profileSettings': {
      const known =
        rules.profiles.find(({ id }) => id === change.profileId) ?? (await untargeted(ask, tenantId, change.profileId));
      if (known === null) return null;
      const changed =
        change.kind === 'profileTargets'
          ? { ...known, targets: change.targets }
          : {
              ...known,
              version: known.version + 1,
              deviceType: change.deviceType,
              deploymentMode: change.deploymentMode,
            };
      return { ...rules, profiles: [...rules.profiles.filter(({ id }) => id !== change.profileId), changed] };
    }
  }
}

async function untargeted(ask: AskSql, tenantId: string, profileId: string) {
  const [found] = await ask<Omit<AssignmentRules['profiles'][number], 'targets'>>(
    `select id, display_name as "displayName", to_char(created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as "createdAt",
       version, device_type as "deviceType", deployment_mode as "deploymentMode"
     from registry.profile where tenant_id = $1 and id = $2`,
    [tenantId, profileId],
  );
  return found === undefined
    ? null
    : { ...found, targets: { includedGroups: [], excludedGroups: [], allDevices: false } };
}

/** The devices whose profile, its version, or what speaks against it would be another one. */
function changingDevices(evaluated: string, first: number): string {
  const [groups, osFamily, deviceType, tpm, state, profile, version, detail] = Array.from(
    { length: 8 },
    (_, index) => `$${first + index}`,
  );
  return `with changing as (
    select e.device_id as "deviceId", a.profile_id as "fromProfileId", w.profile_id as "toProfileId", w.state, w.detail
    from (${evaluated}) e
    join unnest(${groups}::text[], ${osFamily}::text[], ${deviceType}::text[], ${tpm}::text[], ${state}::text[], ${profile}::uuid[],
        ${version}::integer[], ${detail}::text[])
      as w (groups, os_family, device_type, tpm, state, profile_id, profile_version, detail)
      on w.groups::integer[] = e.groups
        and (w.os_family, w.device_type, w.tpm) is not distinct from (e.os_family, e.device_type, e.tpm)
    left join registry.device_assignment a on a.tenant_id = $1 and a.device_id = e.device_id
    where (a.profile_id, a.profile_version, a.detail) is distinct from (w.profile_id, w.profile_version, w.detail))`;
}

function columnsOf(combinations: readonly Combination[], due: readonly DueAssignment[]): unknown[] {
  return [
    combinations.map(({ groups }) => `{${groups.join(',')}}`),
    combinations.map(({ os_family }) => os_family),
    combinations.map(({ device_type }) => device_type),
    combinations.map(({ tpm }) => tpm),
    due.map(({ state }) => state),
    due.map(({ profileId }) => profileId),
    due.map(({ profileVersion }) => profileVersion),
    due.map(({ detail }) => detail),
  ];
}
