import {
  foldDevice,
  explainRule,
  matches,
  takesAssignedUser,
  type Remediation,
  type RuleDevice,
  type RuleExplanation,
  type TpmVersion,
} from '@groundcrew/domain';
import type { AskSql } from '../matching/candidate-index.js';
import { believed, joinDeviceFacts } from '../profiles/platform-sql.js';
import { loadAssignmentRules } from './assignment-rules.js';
import { resolved } from './combinations.js';

/** A device's assignment as it is written. */
export interface StoredAssignment {
  state: 'unassigned' | 'assigning' | 'assigned' | 'failed';
  profileId: string | null;
  profileVersion: number | null;
  detail: string | null;
  assignedAt: string | null;
  runId: string | null;
  remediation: Remediation | null;
  /** Since when. */
  remediationAt: string | null;
  deliveredAt: string | null;
  deliveredProfileId: string | null;
  keptRunId: string | null;
  putBackRunId: string | null;
}

/** A group that the device is in, and how it came there. */
export interface ExplainedMembership {
  groupId: string;
  displayName: string;
  /** Null where its members are named. */
  rule: RuleExplanation | null;
}

/** Why a device has the profile that it has, or is to get. */
export interface AssignmentExplanation {
  /** Null where no run looked at the device yet. */
  current: StoredAssignment | null;
  /** The run that is open and may still move it. */
  openRunId: string | null;
  due: ReturnType<typeof resolved>['resolution'];
  misfit: string | null;
  memberships: ExplainedMembership[];
  /** Somebody is assigned to a device that takes nobody; null where that is not so. */
  passedOver: string | null;
}

type KnownDevice = RuleDevice & { tpm: TpmVersion | null; assignedUser: string | null };

/** What is known of a device, as rules and profiles ask about it; null where the tenant has no such device. */
export async function findRuleDevice(ask: AskSql, tenantId: string, deviceId: string): Promise<KnownDevice | null> {
  const [device] = await ask<KnownDevice>(
    `select d.id as "registrationId", d.group_tag as "groupTag", d.purchase_order as "purchaseOrder", d.serial_number as "serialNumber",
            coalesce(u.display_name, d.serial_number, d.id::text) as "displayName", d.manufacturer, d.model,
            ${believed.osFamily} as "osFamily", ${believed.deviceType} as "deviceType", ${believed.tpmVersion} as tpm,
            u.assigned_user as "assignedUser"
     from registry.device d ${joinDeviceFacts}
     left join registry.device_designation u on u.tenant_id = d.tenant_id and u.device_id = d.id
     where d.tenant_id = $1 and d.id = $2`,
    [tenantId, deviceId],
  );
  return device ?? null;
}

/** Explains a device's profile from what is written now, by the same rules as a run, taken one by one. */
export async function explainAssignment(
  ask: AskSql,
  tenantId: string,
  deviceId: string,
): Promise<AssignmentExplanation | null> {
  const device = await findRuleDevice(ask, tenantId, deviceId);
  if (device === null) return null;
  const rules = await loadAssignmentRules(ask, tenantId);
  const named = new Set(
    (
      await ask<{ group_id: string }>(
        'select group_id from registry.device_group_member where tenant_id = $1 and device_id = $2',
        [tenantId, deviceId],
      )
    ).map(({ group_id }) => group_id),
  );
  const folded = foldDevice(device);
  const memberships: ExplainedMembership[] = [];
  const places: number[] = [];
  for (const [index, { id, displayName, rule }] of rules.groups.entries()) {
    if (rule === null ? !named.has(id) : !matches(rule, folded)) continue;
    places.push(index + 1);
    memberships.push({ groupId: id, displayName, rule: rule === null ? null : explainRule(rule, device) });
  }
  const platform = { os_family: folded.osFamily, device_type: folded.deviceType, tpm: device.tpm };
  const { resolution, misfit } = resolved({ groups: places, ...platform }, rules);
  const [written] = await ask<StoredAssignment & { known: boolean; openRunId: string | null }>(
    `select a.device_id is not null as known, a.state, a.profile_id as "profileId", a.profile_version as "profileVersion", a.detail,
            a.assigned_at as "assignedAt", a.run_id as "runId", a.remediation, a.remediation_at as "remediationAt", a.delivered_at as "deliveredAt",
            a.delivered_profile_id as "deliveredProfileId", a.kept_run_id as "keptRunId", a.put_back_run_id as "putBackRunId",
            (select run_id from registry.assignment_demand where tenant_id = $1) as "openRunId"
     from (select 1) as one left join registry.device_assignment a on a.tenant_id = $1 and a.device_id = $2`,
    [tenantId, deviceId],
  );
  const { known, openRunId, ...current } = written!;
  const takesUser = takesAssignedUser({ ...device, tpmVersion: device.tpm });
  const passedOver = takesUser ? null : device.assignedUser;
  return { current: known ? current : null, openRunId, due: resolution, misfit, memberships, passedOver };
}
