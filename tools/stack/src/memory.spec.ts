import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { memoryFlags } from './memory.js';
import { appNames } from './stack.js';
import { nodeBinary } from './workspace.js';

describe('memory of the processes', () => {
  it.each(appNames)('%s is told how large its heap may become', (name) => {
    expect(memoryFlags[name].slice(0, 2)).toEqual([
      expect.stringMatching(/^--max-old-space-size=\d+$/),
      expect.stringMatching(/^--max-semi-space-size=\d+$/),
    ]);
  });

  it.each(appNames)('%s understands what it is told', (name) => {
    const { status, stderr } = spawnSync(nodeBinary, [...memoryFlags[name], '--eval', ''], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
