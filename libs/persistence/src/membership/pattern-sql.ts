import type { CodeRange, Pattern } from '@groundcrew/domain';

/**
 * The pattern as PostgreSQL's advanced regular expression. Every character is written by its number, in a class of its own, so that
 * nothing in it can be taken for a sign, a director or a collating element.
 */
export function patternSql(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'choice':
      return `(?:${pattern.branches.map(patternSql).join('|')})`;
    case 'sequence':
      return pattern.parts.map(patternSql).join('');
    case 'repeat':
      return `(?:${patternSql(pattern.part)})${bounds(pattern.least, pattern.most)}`;
    case 'class':
      return `[${pattern.negated ? '^' : ''}${pattern.ranges.map(rangeSql).join('')}]`;
    case 'any':
      return '.';
    case 'start':
      return '^';
    case 'end':
      return '$';
  }
}

function bounds(least: number, most: number | null): string {
  return most === null ? `{${least},}` : `{${least},${most}}`;
}

function rangeSql([first, last]: CodeRange): string {
  return first === last ? pointSql(first) : `${pointSql(first)}-${pointSql(last)}`;
}

function pointSql(point: number): string {
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;
}
