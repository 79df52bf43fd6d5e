import type { AssignmentExplanationView, DeviceProfile } from '@groundcrew/contracts';
import type { AssignmentDetail, AssignmentState } from '@groundcrew/domain';
import type { AssignmentExplanation, StoredAssignment } from '@groundcrew/persistence';
import { toRuleClause } from '../groups/group.view.js';
import { momentOf, momentOrNull } from '../routes/moments.js';

/** What a device's assignment looks like to everybody; a repair comes first. */
export function toDeviceProfile(
  assignment: Pick<
    StoredAssignment,
    'state' | 'profileId' | 'profileVersion' | 'assignedAt' | 'detail' | 'remediation'
  > | null,
): DeviceProfile {
  if (assignment === null) {
    return { state: 'unassigned', profileId: null, profileVersion: null, assignedAt: null, detail: null };
  }
  const state: AssignmentState = assignment.remediation ?? assignment.state;
  return {
    state,
    profileId: assignment.profileId,
    profileVersion: assignment.profileVersion,
    assignedAt: momentOrNull(assignment.assignedAt),
    detail: assignment.detail as AssignmentDetail | null,
  };
}

export function toExplanationView(deviceId: string, explained: AssignmentExplanation): AssignmentExplanationView {
  const { current, due, memberships } = explained;
  return {
    deviceId,
    current: current && {
      ...toDeviceProfile(current),
      operationId: current.runId,
      hardwareChangedAt: momentOrNull(current.remediationAt),
      deliveredAt: momentOrNull(current.deliveredAt),
      deliveredProfileId: current.deliveredProfileId,
      keptAfter: current.keptRunId,
      putBackAfter: current.putBackRunId,
    },
    openOperationId: explained.openRunId,
    due: {
      source: due.source,
      profile: due.profile && toNamedProfile(due.profile),
      viaGroups: [...due.viaGroups],
      misfit: explained.misfit as AssignmentDetail | null,
    },
    memberships: memberships.map(({ groupId, displayName, rule }) => ({
      groupId,
      displayName,
      rule: rule && toRuleClause(rule),
    })),
    competitors: due.competitors.map(({ profile, lostBy, groups }) => ({
      profile: toNamedProfile(profile),
      lostBy,
      groups: [...groups],
    })),
    sentence: sentenceOf(explained),
  };
}

function toNamedProfile(profile: { id: string; displayName: string; createdAt: string }) {
  return {
    id: profile.id,
    displayName: profile.displayName,
    createdAt: momentOf(`${profile.createdAt.replace(' ', 'T')}Z`),
  };
}

/** The answer as somebody would say it. */
function sentenceOf({ current, due, misfit, memberships, openRunId, passedOver }: AssignmentExplanation): string {
  const nameOf = new Map(memberships.map(({ groupId, displayName }) => [groupId, displayName]));
  const via = due.viaGroups.map((id) => `“${nameOf.get(id) ?? id}”`).join(', ');
  const said = [
    due.profile === null
      ? 'No profile reaches the device: the built-in default applies.'
      : due.source === 'group'
        ? `The profile “${due.profile.displayName}” reaches the device through ${via}.`
        : `The profile “${due.profile.displayName}” is given to all devices, and none reaches this one through a group.`,
  ];
  const beaten = due.competitors
    .filter(({ lostBy }) => lostBy === 'newer')
    .map(({ profile }) => `“${profile.displayName}”`);
  if (beaten.length > 0) said.push(`It is older than ${beaten.join(', ')}, and the oldest wins.`);
  if (misfit !== null) said.push(`It does not fit the device: ${misfit}.`);
  if (passedOver !== null) said.push(`It is a HoloLens, which takes no user: ${passedOver} is passed over.`);
  if (current?.remediation === 'fix_pending') {
    said.push('Other hardware was seen under its registration: the device is asked what it is at its next check-in.');
  } else if (current?.remediation === 'attention_required') {
    said.push('It is other hardware than was registered: deregister the device, and register it with its new hash.');
  }
  if (current?.keptRunId != null) {
    said.push('The device keeps what it booted with, though the run that gave it was cancelled.');
  } else if ((current?.profileId ?? null) !== (due.profile?.id ?? null)) {
    said.push(
      openRunId === null
        ? 'The device still has another one: a cancelled run put it back, and the next change looks at it again.'
        : 'The device still has another one: a run is under way.',
    );
  }
  return said.join(' ');
}
