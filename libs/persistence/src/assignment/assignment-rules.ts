import { parseRule, type CandidateProfile, type DeploymentMode, type DeviceType, type Rule } from '@groundcrew/domain';
import type { AskSql } from '../matching/candidate-index.js';

/** A group as far as it decides who its members are. */
export interface MemberGroup {
  id: string;
  displayName: string;
  /** Null where members are named. */
  rule: Rule | null;
  /** Members that somebody thinks of naming, and of naming no more. */
  planned?: { add: readonly string[]; remove: readonly string[] };
}

/** A profile that is given to somebody, with what it asks of a device. */
export interface AssignableProfile extends CandidateProfile {
  version: number;
  deviceType: DeviceType;
  deploymentMode: DeploymentMode;
}

/** Everything of a tenant that decides which device gets which profile. */
export interface AssignmentRules {
  /** In a fixed order: a group is known by its place here. */
  groups: readonly MemberGroup[];
  profiles: readonly AssignableProfile[];
}

/** A group as it is stored. */
export interface StoredGroup {
  id: string;
  displayName: string;
  rule: string | null;
}

/** Loads what decides, as it is now. */
export async function loadAssignmentRules(ask: AskSql, tenantId: string): Promise<AssignmentRules> {
  const groups = await ask<StoredGroup>(
    `select id, display_name as "displayName", rule from registry.device_group where tenant_id = $1 order by id`,
    [tenantId],
  );
  return { groups: groups.map(understood), profiles: await loadAssignableProfiles(ask, tenantId) };
}

/** A group with its rule as a tree. A rule was understood before it was stored, so one that is not any more is a defect. */
export function understood({ id, displayName, rule }: StoredGroup): MemberGroup {
  if (rule === null) return { id, displayName, rule };
  const parsed = parsedRule(rule);
  if (parsed === null) throw new Error(`the rule of group ${id} is not understood`);
  return { id, displayName, rule: parsed };
}

async function loadAssignableProfiles(ask: AskSql, tenantId: string): Promise<AssignableProfile[]> {
  const profiles = await ask<
    Omit<AssignableProfile, 'targets'> & { included: string[] | null; excluded: string[] | null; everybody: boolean }
  >(
    `select p.id, p.display_name as "displayName", to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as "createdAt",
            p.version, p.device_type as "deviceType", p.deployment_mode as "deploymentMode",
            array_agg(a.group_id order by a.group_id) filter (where a.intent = 'include' and a.group_id is not null) as included,
            array_agg(a.group_id order by a.group_id) filter (where a.intent = 'exclude') as excluded,
            bool_or(a.group_id is null) as everybody
     from registry.profile p join registry.profile_assignment a on a.tenant_id = p.tenant_id and a.profile_id = p.id
     where p.tenant_id = $1 group by p.tenant_id, p.id`,
    [tenantId],
  );
  return profiles.map(({ included, excluded, everybody, ...profile }) => ({
    ...profile,
    targets: { includedGroups: included ?? [], excludedGroups: excluded ?? [], allDevices: everybody },
  }));
}

const mostParsed = 2_000;
const parsedRules = new Map<string, Rule | null>();

/** A chunk reads the same rules as the one before it, so their trees are kept. */
function parsedRule(text: string): Rule | null {
  const known = parsedRules.get(text);
  if (known !== undefined) return known;
  const parsed = parseRule(text);
  if (parsedRules.size >= mostParsed) parsedRules.clear();
  parsedRules.set(text, parsed.ok ? parsed.value : null);
  return parsed.ok ? parsed.value : null;
}
