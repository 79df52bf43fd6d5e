import { foldDevice, type FoldedDevice, type RuleDevice } from './device-attributes.js';
import { foldText } from './fold.js';
import { isFound } from './pattern-program.js';
import type { Comparing, Rule, RuleNode } from './rule.js';

/**
 * Is the device a member? There are only yes and no: what is missing equals nothing but null, so a comparison with it is false and the
 * negation of that true.
 */
export function matches(rule: Rule, device: FoldedDevice): boolean {
  return holds(rule.root, device, null);
}

/** Why a rule says yes or no of a device, clause by clause. */
export interface RuleExplanation {
  kind: RuleNode['kind'];
  /** The clause as it was written, and where. */
  text: string;
  position: number;
  holds: boolean;
  /** What the device has there; absent where the clause joins others. */
  found?: string | null | readonly string[];
  /** Of `-any` the values that fit; of `-all` the values that do not. */
  telling?: readonly string[];
  parts: readonly RuleExplanation[];
}

/** Explains the rule on a device, with its values as they were written. */
export function explainRule(rule: Rule, device: RuleDevice): RuleExplanation {
  return explain(rule.root, { source: rule.source, device, folded: foldDevice(device) });
}

interface Asked {
  source: string;
  device: RuleDevice;
  folded: FoldedDevice;
}

function explain(node: RuleNode, asked: Asked): RuleExplanation {
  const base = {
    kind: node.kind,
    text: asked.source.slice(node.position, node.position + node.length),
    position: node.position,
    holds: holds(node, asked.folded, null),
  };
  switch (node.kind) {
    case 'and':
    case 'or':
      return { ...base, parts: node.parts.map((part) => explain(part, asked)) };
    case 'not':
      return { ...base, parts: [explain(node.part, asked)] };
    case 'any':
    case 'all': {
      const found = node.attribute.read(asked.device) as readonly string[];
      const telling = found.filter((each) => holds(node.body, asked.folded, foldText(each)) === (node.kind === 'any'));
      return { ...base, found, telling, parts: [] };
    }
    case 'compare':
      return { ...base, found: node.subject === 'element' ? null : node.subject.read(asked.device), parts: [] };
  }
}

function holds(node: RuleNode, device: FoldedDevice, element: string | null): boolean {
  switch (node.kind) {
    case 'and':
      return node.parts.every((part) => holds(part, device, element));
    case 'or':
      return node.parts.some((part) => holds(part, device, element));
    case 'not':
      return !holds(node.part, device, element);
    case 'any':
      return elementsOf(node, device).some((each) => holds(node.body, device, each));
    case 'all':
      return elementsOf(node, device).every((each) => holds(node.body, device, each));
    case 'compare':
      return compare(node, node.subject === 'element' ? element : (device[node.subject.field] as string | null));
  }
}

function elementsOf(node: RuleNode & { kind: 'any' | 'all' }, device: FoldedDevice): readonly string[] {
  return device[node.attribute.field] as readonly string[];
}

function compare({ comparison, negated, value }: Comparing, found: string | null): boolean {
  return compared(comparison, value, found) !== negated;
}

function compared(comparison: Comparing['comparison'], value: Comparing['value'], found: string | null): boolean {
  if (value.kind === 'missing') return found === null;
  if (found === null) return false;
  switch (value.kind) {
    case 'texts':
      return value.folded.includes(found);
    case 'pattern':
      return isFound(value.program, found);
    case 'text':
      if (comparison === 'startsWith') return found.startsWith(value.folded);
      if (comparison === 'contains') return found.includes(value.folded);
      return found === value.folded;
  }
}
