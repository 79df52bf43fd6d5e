import {
  foldText,
  physicalIdsOf,
  type Comparing,
  type FoldedDevice,
  type Rule,
  type RuleNode,
} from '@groundcrew/domain';
import { patternSql } from './pattern-sql.js';

/** Where a device's folded values stand: texts, but for the physical ids, which are an array and never null. */
export const foldedColumns: Record<keyof FoldedDevice, string> = {
  physicalIds: 'physical_ids',
  displayName: 'display_name',
  serialNumber: 'serial_number',
  manufacturer: 'manufacturer',
  model: 'model',
  osFamily: 'os_family',
  deviceType: 'device_type',
};

/** How a physical id begins that every registered device has. */
const ofEveryDevice = foldText(physicalIdsOf({ registrationId: '', groupTag: null, purchaseOrder: null })[0]!);

/** A condition with numbered placeholders, and what is bound to them. */
export interface RuleCondition {
  /** True or false, never null. */
  text: string;
  values: unknown[];
}

/**
 * The rule as a condition on a row of folded values. Names come from our own lists, values are bound.
 *
 * @param alias of the table that has the columns of `foldedColumns`
 * @param firstParameter the number of the first placeholder that is free
 */
export function ruleToSql(rule: Rule, alias: string, firstParameter = 1): RuleCondition {
  const values: unknown[] = [];
  const bind = (value: unknown, type: 'text' | 'text[]'): string => {
    values.push(value);
    return `$${firstParameter + values.length - 1}::${type}`;
  };
  return { text: conditionOf(rule.root, { alias, bind }), values };
}

interface Writer {
  alias: string;
  bind(value: unknown, type: 'text' | 'text[]'): string;
}

function conditionOf(node: RuleNode, writer: Writer): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${node.parts.map((part) => conditionOf(part, writer)).join(` ${node.kind} `)})`;
    case 'not':
      return `(not ${conditionOf(node.part, writer)})`;
    case 'any':
      return (
        everyDevice(node) ??
        elementEquals(node, writer) ??
        `(exists (${elements(node, writer)} where ${conditionOf(node.body, writer)}))`
      );
    case 'all':
      return `(not exists (${elements(node, writer)} where not ${conditionOf(node.body, writer)}))`;
    case 'compare':
      return compared(node, writer);
  }
}

function elements({ attribute }: RuleNode & { kind: 'any' | 'all' }, { alias }: Writer): string {
  return `select from unnest(${alias}.${foldedColumns[attribute.field]}) as element (value)`;
}

/** "All registered devices" is asked as `-any (_ -startsWith "[ZTDid]")`, and nobody need look: each has its registration's id. */
function everyDevice({ attribute, body }: RuleNode & { kind: 'any' | 'all' }): string | null {
  const asked = attribute.field === 'physicalIds' && body.kind === 'compare' && body.comparison === 'startsWith';
  return asked && !body.negated && body.value.kind === 'text' && ofEveryDevice.startsWith(body.value.folded)
    ? 'true'
    : null;
}

/** `-any (_ -eq …)` is the usual question, and an array can answer it without being taken apart. */
function elementEquals({ attribute, body }: RuleNode & { kind: 'any' | 'all' }, writer: Writer): string | null {
  if (body.kind !== 'compare' || body.comparison !== 'eq' || body.negated || body.value.kind !== 'text') return null;
  return `(${writer.alias}.${foldedColumns[attribute.field]} @> array[${writer.bind(body.value.folded, 'text')}])`;
}

function compared({ subject, comparison, negated, value }: Comparing, writer: Writer): string {
  const column = subject === 'element' ? 'element.value' : `${writer.alias}.${foldedColumns[subject.field]}`;
  if (value.kind === 'missing') return `(${column} is ${negated ? 'not ' : ''}null)`;
  const answer = `coalesce(${answerOf(column, comparison, value, writer)}, false)`;
  return negated ? `(not ${answer})` : answer;
}

function answerOf(
  column: string,
  comparison: Comparing['comparison'],
  value: Exclude<Comparing['value'], { kind: 'missing' }>,
  { bind }: Writer,
): string {
  switch (value.kind) {
    case 'texts':
      return `${column} = any (${bind(value.folded, 'text[]')})`;
    case 'pattern':
      return `${column} ~ ${bind(patternSql(value.pattern), 'text')}`;
    case 'text':
      if (comparison === 'startsWith') return `starts_with(${column}, ${bind(value.folded, 'text')})`;
      if (comparison === 'contains') return `strpos(${column}, ${bind(value.folded, 'text')}) > 0`;
      return `${column} = ${bind(value.folded, 'text')}`;
  }
}
