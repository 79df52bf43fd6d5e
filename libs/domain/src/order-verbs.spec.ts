import { describe, expect, it } from '@jest/globals';
import { guardReplacement } from './order-verbs.js';

describe('replacing an order', () => {
  it.each([
    [0, 0, false, 'go'],
    [0, 10, false, 'go'],
    [2, 10, false, 'go'],
    [3, 10, false, 'ask'],
    [10, 10, false, 'ask'],
    [10, 10, true, 'go'],
    [1, 1, false, 'ask'],
  ] as const)('that would take away %i of %i devices, confirmed: %s: %s', (removes, of, confirmed, decision) => {
    expect(guardReplacement({ removes, of }, confirmed)).toBe(decision);
  });
});
