import type { GroupView, RuleClauseView } from '@groundcrew/contracts';
import { parseRule, type Rule, type RuleExplanation } from '@groundcrew/domain';
import type { DeviceGroup } from '@groundcrew/persistence';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { etagOf } from '../routes/versions.js';

export function toGroupView(group: DeviceGroup): GroupView {
  return {
    id: group.id,
    tenantId: group.tenantId,
    displayName: group.displayName,
    description: group.description,
    membership: group.rule === null ? 'assigned' : 'dynamic',
    rule: group.rule,
    createdAt: momentOf(group.createdAt),
    updatedAt: momentOf(group.updatedAt),
    etag: etagOf(group.version),
  };
}

export function toRuleClause({ text, position, holds, found, parts }: RuleExplanation): RuleClauseView {
  return {
    clause: text,
    position,
    holds,
    found: typeof found === 'object' && found !== null ? [...found] : (found ?? null),
    parts: parts.map(toRuleClause),
  };
}

/** The rule as a tree. @throws ProblemError that says where it is not understood, and why */
export function understoodRule(text: string, pointer = '/rule'): Rule {
  const parsed = parseRule(text);
  if (parsed.ok) return parsed.value;
  const { code, message, position, length } = parsed.refusal;
  throw new ProblemError('group.rule', {
    detail: `At character ${position + 1}: ${message}`,
    errors: [{ pointer, code, message, position, length }],
  });
}
