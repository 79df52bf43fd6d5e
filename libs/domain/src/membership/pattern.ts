/** The part of regular expressions that means the same to us and to PostgreSQL, as a tree. Letters are folded. */
export type Pattern =
  | { kind: 'choice'; branches: readonly Pattern[] }
  | { kind: 'sequence'; parts: readonly Pattern[] }
  | { kind: 'repeat'; part: Pattern; least: number; most: number | null }
  /** One of these code points, or none of them. */
  | { kind: 'class'; negated: boolean; ranges: readonly CodeRange[] }
  | { kind: 'any' }
  | { kind: 'start' }
  | { kind: 'end' };

/** From the first code point to the last. */
export type CodeRange = readonly [first: number, last: number];

/** Longest pattern in UTF-16 units; deepest nesting; highest bound of a repetition; places once repetitions are written out. */
export const patternLimits = { length: 256, depth: 10, repetition: 255, places: 1_000 } as const;

/** How many places the pattern has once its repetitions are written out. */
export function placesOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'choice':
      return pattern.branches.reduce((sum, branch) => sum + placesOf(branch), 0);
    case 'sequence':
      return pattern.parts.reduce((sum, part) => sum + placesOf(part), 0);
    case 'repeat':
      return placesOf(pattern.part) * Math.max(1, pattern.most ?? pattern.least + 1);
    case 'class':
    case 'any':
    case 'start':
    case 'end':
      return 1;
  }
}

/** Whether it holds an anchor: what is anchored is not repeated. */
export function isAnchored(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'choice':
      return pattern.branches.some(isAnchored);
    case 'sequence':
      return pattern.parts.some(isAnchored);
    case 'repeat':
      return isAnchored(pattern.part);
    case 'start':
    case 'end':
      return true;
    case 'class':
    case 'any':
      return false;
  }
}
