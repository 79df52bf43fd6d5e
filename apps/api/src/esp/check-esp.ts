import type { ProblemDetail } from '@groundcrew/contracts';
import { espIssues } from '@groundcrew/domain';
import { unknownGroups, unknownUserGroups, type EspDraft, type Unit } from '@groundcrew/persistence';
import { ProblemError } from '../problems/problem.error.js';

/** @throws ProblemError where the settings do not go together, or a group does not exist */
export async function refuseUnfitEsp(unit: Unit, tenantId: string, draft: EspDraft): Promise<void> {
  const issues = espIssues(draft.settings);
  if (issues.length > 0) {
    throw new ProblemError('esp.invalid', {
      errors: issues.map(({ code, field, message }) => ({ pointer: `/settings/${field}`, code, message })),
    });
  }
  const unknown = [
    ...missing('deviceGroups', draft.deviceGroups, await unknownGroups(unit, tenantId, draft.deviceGroups)),
    ...missing('userGroups', draft.userGroups, await unknownUserGroups(unit, tenantId, draft.userGroups)),
  ];
  if (unknown.length > 0) throw new ProblemError('esp.group-unknown', { errors: unknown.slice(0, 100) });
}

function missing(list: 'deviceGroups' | 'userGroups', named: readonly string[], unknown: string[]): ProblemDetail[] {
  return unknown.map((id) => ({
    pointer: `/${list}/${named.indexOf(id)}`,
    code: 'esp.group-unknown',
    message: `There is no group ${id}.`,
  }));
}
