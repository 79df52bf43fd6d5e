import { describe, expect, it } from '@jest/globals';
import { readWorkerConfiguration } from './configuration.js';

const key = Buffer.alloc(32).toString('base64');
const environment = {
  GROUNDCREW_TEMPORAL_ADDRESS: '127.0.0.1:7233',
  GROUNDCREW_DATABASE_WORKER_URL: 'postgres://worker',
  GROUNDCREW_DATABASE_NEIGHBOURS_URL: 'postgres://neighbours',
  GROUNDCREW_SEALING_KEY: key,
  GROUNDCREW_IDENTITY_KEY: key,
};

describe('a worker in production', () => {
  it('refuses to start where neighbours may be told to misbehave', () => {
    const allowed = { ...environment, GROUNDCREW_MISBEHAVIOUR: 'allowed' };
    expect(() => readWorkerConfiguration({ ...allowed, NODE_ENV: 'production' })).toThrow(
      /neighbours do not misbehave in production/,
    );
    expect(readWorkerConfiguration({ ...allowed, NODE_ENV: 'test' }).GROUNDCREW_MISBEHAVIOUR).toBe('allowed');
  });

  it('has well-behaved neighbours where nothing is said', () => {
    expect(readWorkerConfiguration({ ...environment, NODE_ENV: 'production' }).GROUNDCREW_MISBEHAVIOUR).toBe('refused');
  });
});
