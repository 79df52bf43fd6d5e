import type { RuleClauseView } from '@groundcrew/contracts';
import { printable } from '../output/printable.js';

/** A rule on a device, a line for each clause: whether it holds, and what the device has there. */
export function ruleLines(clause: RuleClauseView, depth = 0): string[] {
  const found = clause.parts.length > 0 ? '' : `   [${shown(clause.found)}]`;
  const line = `${'  '.repeat(depth)}${clause.holds ? '✓' : '✗'} ${printable(clause.clause)}${found}`;
  return [line, ...clause.parts.flatMap((part) => ruleLines(part, depth + 1))];
}

function shown(found: RuleClauseView['found']): string {
  if (found === null) return 'nothing';
  return printable(typeof found === 'string' ? found : found.join(', '));
}
