import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from './configuration.js';

const environment = { GROUNDCREW_DATABASE_NEIGHBOURS_URL: 'postgres://neighbours' };

describe('the neighbours in production', () => {
  it('refuse to start where they may be told to misbehave', () => {
    const allowed = { ...environment, GROUNDCREW_MISBEHAVIOUR: 'allowed' };
    expect(() => readConfiguration({ ...allowed, NODE_ENV: 'production' })).toThrow(
      /neighbours do not misbehave in production/,
    );
    expect(readConfiguration({ ...allowed, NODE_ENV: 'test' }).mayMisbehave).toBe(true);
  });

  it('look at no rule of misbehaviour unless they are told to', () => {
    expect(readConfiguration({ ...environment, NODE_ENV: 'production' }).mayMisbehave).toBe(false);
  });
});
