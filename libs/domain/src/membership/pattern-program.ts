import type { CodeRange, Pattern } from './pattern.js';

/** A pattern as steps between numbered states. All states are followed at once, so no pattern takes long for any text. */
export type PatternProgram = { steps: readonly Step[]; start: number };

type Step =
  | { kind: 'read'; negated: boolean; ranges: readonly CodeRange[] | null; next: number }
  | { kind: 'either'; next: readonly number[] }
  | { kind: 'start' | 'end'; next: number }
  | { kind: 'found' };

/** Makes the program of a pattern. */
export function programOf(pattern: Pattern): PatternProgram {
  const steps: Step[] = [{ kind: 'found' }];
  const add = (step: Step): number => steps.push(step) - 1;
  const follow = (part: Pattern, next: number): number => {
    switch (part.kind) {
      case 'choice':
        return add({ kind: 'either', next: part.branches.map((branch) => follow(branch, next)) });
      case 'sequence':
        return part.parts.reduceRight((after, each) => follow(each, after), next);
      case 'repeat':
        return repeat(part.part, part.least, part.most, next);
      case 'class':
        return add({ kind: 'read', negated: part.negated, ranges: part.ranges, next });
      case 'any':
        return add({ kind: 'read', negated: false, ranges: null, next });
      case 'start':
      case 'end':
        return add({ kind: part.kind, next });
    }
  };
  const repeat = (part: Pattern, least: number, most: number | null, next: number): number => {
    let entry = next;
    if (most === null) {
      const ways: number[] = [next];
      entry = add({ kind: 'either', next: ways });
      ways.push(follow(part, entry));
    } else {
      for (let more = most - least; more > 0; more -= 1)
        entry = add({ kind: 'either', next: [follow(part, entry), next] });
    }
    for (let needed = least; needed > 0; needed -= 1) entry = follow(part, entry);
    return entry;
  };
  const start = follow(pattern, 0);
  return { steps, start };
}

/** Whether the pattern is found anywhere in a folded text. */
export function isFound({ steps, start }: PatternProgram, folded: string): boolean {
  const points = [...folded].map((point) => point.codePointAt(0)!);
  let waiting = new Set<number>();
  for (let place = 0; place <= points.length; place += 1) {
    const reached = new Set<number>();
    const open = [...waiting, start];
    while (open.length > 0) {
      const state = open.pop()!;
      if (reached.has(state)) continue;
      reached.add(state);
      const step = steps[state]!;
      if (step.kind === 'found') return true;
      if (step.kind === 'either') open.push(...step.next);
      if (step.kind === 'start' && place === 0) open.push(step.next);
      if (step.kind === 'end' && place === points.length) open.push(step.next);
    }
    waiting = new Set();
    if (place === points.length) break;
    for (const state of reached) {
      const step = steps[state]!;
      if (step.kind === 'read' && reads(step.ranges, points[place]!) !== step.negated) waiting.add(step.next);
    }
  }
  return false;
}

function reads(ranges: readonly CodeRange[] | null, point: number): boolean {
  return ranges === null || ranges.some(([first, last]) => point >= first && point <= last);
}
