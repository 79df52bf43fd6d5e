import { afterEach, describe, expect, it } from '@jest/globals';
import { FleetingBytes } from './fleeting-bytes.js';

describe('bytes that pass', () => {
  const gc = globalThis.gc;
  afterEach(() => {
    globalThis.gc = gc;
  });

  it('have the young objects looked at every two megabytes, and never all of them', () => {
    const asked: unknown[] = [];
    globalThis.gc = ((options: unknown) => asked.push(options)) as never;
    const bytes = new FleetingBytes();
    for (let chunk = 0; chunk < 100; chunk += 1) bytes.passed(64 * 1024);
    expect(asked).toEqual([{ type: 'minor' }, { type: 'minor' }, { type: 'minor' }]);
  });

  it('pass as well in a process whose collector cannot be asked', () => {
    globalThis.gc = undefined;
    expect(() => new FleetingBytes().passed(1e9)).not.toThrow();
  });
});
