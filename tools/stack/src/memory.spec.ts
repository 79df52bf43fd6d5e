import { describe, expect, it } from '@jest/globals';
import { memoryFlags } from './memory.js';
import { appNames } from './stack.js';

describe('memory of the processes', () => {
  it.each(appNames)('%s is told how large its heap may become', (name) => {
    expect(memoryFlags[name]).toEqual([
      expect.stringMatching(/^--max-old-space-size=\d+$/),
      expect.stringMatching(/^--max-semi-space-size=\d+$/),
      '--expose-gc',
    ]);
  });
});
