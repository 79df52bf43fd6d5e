import type { RuleAttribute } from './device-attributes.js';
import type { Pattern } from './pattern.js';
import type { PatternProgram } from './pattern-program.js';

/** A place in the text of a rule, in UTF-16 units from its beginning. */
export interface Span {
  position: number;
  length: number;
}

export type RuleFaultCode =
  | 'rule.empty'
  | 'rule.too-long'
  | 'rule.too-deep'
  | 'rule.character'
  | 'rule.text-not-closed'
  | 'rule.expected'
  | 'rule.attribute'
  | 'rule.operator'
  | 'rule.value'
  | 'rule.pattern';

/** Why a rule is refused, and where. */
export interface RuleFault extends Span {
  code: RuleFaultCode;
  message: string;
}

/** Changes when a rule that was accepted could come to mean something else; kept beside each stored rule. */
export const grammarVersion = 1;

/** The longest rule, in UTF-16 units; how deep it may nest; how many values a list may have. */
export const ruleLimits = { length: 3_072, depth: 20, values: 500 } as const;

/** Comparisons. Their negations are the same with `negated`. */
export const comparisons = ['eq', 'startsWith', 'contains', 'match', 'in'] as const;
export type Comparison = (typeof comparisons)[number];

/** What something is compared with; texts are folded. */
export type RuleValue =
  | { kind: 'text'; folded: string }
  | { kind: 'missing' }
  | { kind: 'texts'; folded: readonly string[] }
  | { kind: 'pattern'; pattern: Pattern; program: PatternProgram };

/** One comparison; its subject is an attribute, or the element at hand within `-any` and `-all`. */
export interface Comparing extends Span {
  kind: 'compare';
  subject: RuleAttribute | 'element';
  comparison: Comparison;
  negated: boolean;
  value: RuleValue;
}

/** A rule as a tree. The predicate, its explanation and the SQL are all made from it. */
export type RuleNode =
  | ({ kind: 'and' | 'or'; parts: readonly RuleNode[] } & Span)
  | ({ kind: 'not'; part: RuleNode } & Span)
  | ({ kind: 'any' | 'all'; attribute: RuleAttribute; body: RuleNode } & Span)
  | Comparing;

/** A rule that was understood. */
export interface Rule {
  source: string;
  root: RuleNode;
}
